#pragma once
// Arrays in files: IDX (MNIST), NumPy's .npy, and CIFAR's binary batches; plain, gzip or zstd.
//
// What a header claims is checked against the limits before memory is taken, and against what there is.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "heddle/data/images/image.h"

namespace heddle::data {

// An IDX file of bytes: [shape…], the last place fastest. Throws InputError for other types.
struct ByteArray {
  std::vector<int64_t> shape;
  std::vector<uint8_t> values;
};
ByteArray read_idx(const std::filesystem::path& file, const ImageLimits& limits = {});

// Images of an idx3 file and their classes of an idx1 file; InputError where their numbers differ.
std::vector<LabelledImage> read_idx_images(const std::filesystem::path& images, const std::filesystem::path& labels,
                                           const ImageLimits& limits = {});

// CIFAR-10: a byte of label and 3 × 32 × 32 bytes for each image, all red first. With `fine`, CIFAR-100: a coarse and a
// fine label; the fine one is kept. Throws InputError where the file ends inside an image, and for a label of `classes`
// or more.
std::vector<LabelledImage> read_cifar(const std::filesystem::path& file, int32_t classes = 10, bool fine = false,
                                      const ImageLimits& limits = {});

// A .npy file (versions 1 to 3) of numbers, little-endian and in C order: f2, f4, f8, i1 … i8, u1 … u8, b1.
struct NumpyArray {
  std::string type;  // "f4"
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;
};
NumpyArray read_npy(const std::filesystem::path& file, const ImageLimits& limits = {});
// Its values as f64; whole numbers beyond 2^53 are rounded. Throws InputError for f2.
std::vector<double> numbers_of(const NumpyArray& array);

}  // namespace heddle::data
