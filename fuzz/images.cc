// Any bytes as a picture or an array: a sentence, or as many values as the shape says.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "heddle/base/error.h"
#include "heddle/data/images/array_file.h"
#include "heddle/data/images/picture_file.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void read(int kind, const std::string& path) {
  const heddle::data::ImageLimits limits = {.most_pixels = 1 << 16, .most_bytes = 1 << 20, .most_file_bytes = 1 << 20};
  if (kind == 0) {
    const auto image = heddle::data::read_picture(path, limits);
    check(std::ssize(image.pixels) == int64_t{3} * image.height * image.width);
  } else if (kind == 1) {
    const auto array = heddle::data::read_idx(path, limits);
    int64_t values = 1;
    for (int64_t length : array.shape) values *= length;
    check(std::ssize(array.values) == values);
  } else if (kind == 2) {
    const auto array = heddle::data::read_npy(path, limits);
    if (array.type != "f2") heddle::data::numbers_of(array);
  } else {
    for (const auto& image : heddle::data::read_cifar(path, 10, false, limits)) check(image.label < 10);
  }
}

}  // namespace

// The first byte chooses the kind of file.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  static const int memory = memfd_create("fuzz", 0);  // a file without a disk
  static const std::string path = "/proc/self/fd/" + std::to_string(memory);
  check(ftruncate(memory, 0) == 0 && pwrite(memory, data + 1, size - 1, 0) == static_cast<ssize_t>(size - 1));
  try {
    read(data[0] % 4, path);
  } catch (const heddle::InputError& error) {
    check(std::string_view(error.what()).size() > 10);
  }
  return 0;
}
