#include <gtest/gtest.h>
#include <spng.h>
#include <turbojpeg.h>
#include <zlib.h>

#include <cmath>

#include "heddle/base/error.h"
#include "heddle/base/memory.h"
#include "heddle/data/check/data_report.h"
#include "heddle/data/images/array_file.h"
#include "heddle/data/images/picture_file.h"
#include "heddle/data/readers/data_files.h"
#include "heddle/data/readers/record_reader.h"
#include "tests/places/temporary_folder.h"

namespace heddle::data {
namespace {

// A picture whose every pixel differs from its neighbours, but not by much.
Image picture(int32_t height, int32_t width) {
  Image image = {height, width, 3, std::vector<uint8_t>(static_cast<size_t>(3 * height * width))};
  for (int32_t y = 0; y < height; ++y)
    for (int32_t x = 0; x < width; ++x) {
      image.at(y, x, 0) = static_cast<uint8_t>(4 * x);
      image.at(y, x, 1) = static_cast<uint8_t>(4 * y);
      image.at(y, x, 2) = static_cast<uint8_t>(2 * (x + y));
    }
  return image;
}

std::string png_of(const Image& image) {
  spng_ctx* context = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
  spng_ihdr header = {
      static_cast<uint32_t>(image.width), static_cast<uint32_t>(image.height), 8, SPNG_COLOR_TYPE_TRUECOLOR, 0, 0, 0};
  spng_set_ihdr(context, &header);
  EXPECT_EQ(spng_encode_image(context, image.pixels.data(), image.pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE),
            0);
  size_t size = 0;
  int error = 0;
  void* bytes = spng_get_png_buffer(context, &size, &error);
  std::string out(static_cast<const char*>(bytes), size);
  free(bytes);
  spng_ctx_free(context);
  return out;
}

std::string jpeg_of(const Image& image) {
  tjhandle encoder = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(tjCompress2(encoder, image.pixels.data(), image.width, 0, image.height, TJPF_RGB, &bytes, &size, TJSAMP_444,
                        95, 0),
            0);
  std::string out(reinterpret_cast<const char*>(bytes), size);
  tjFree(bytes);
  tjDestroy(encoder);
  return out;
}

template <class Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(PictureFile, PngIsExactAndJpegNear) {
  const Image image = picture(40, 50);
  EXPECT_EQ(decode_picture(png_of(image), "a.png"), image);
  const Image near = decode_picture(jpeg_of(image), "a.jpg");
  ASSERT_EQ(near.pixels.size(), image.pixels.size());
  double error = 0;
  for (size_t i = 0; i < near.pixels.size(); ++i) error += std::abs(near.pixels[i] - image.pixels[i]);
  EXPECT_LT(error / static_cast<double>(near.pixels.size()), 3);
  const Image grey = to_grey(image);
  EXPECT_EQ(grey.channels, 1);
  EXPECT_EQ(grey.at(1, 2, 0), std::lround(0.299 * 8 + 0.587 * 4 + 0.114 * 6));
}

TEST(PictureFile, AbsurdSizesAndDamageAreSentences) {
  const Image image = picture(40, 50);
  for (const std::string& bytes : {png_of(image), jpeg_of(image)}) {
    EXPECT_SAYS(error_of([&] { decode_picture(bytes, "a", {.most_pixels = 1999}); }), "50 × 40 pixels");
    EXPECT_NE(error_of([&] { decode_picture(bytes.substr(0, 12), "a.x"); }), "no error");
    EXPECT_SAYS(error_of([&] { decode_picture(bytes.substr(0, bytes.size() / 2), "a.x"); }), "a.x is no sound");
  }
  EXPECT_SAYS(error_of([&] { decode_picture("GIF89a", "a.gif"); }), "neither PNG nor JPEG");
}

// Headers alone are changed, soundly: nothing is allocated for what they claim.
TEST(PictureFile, HeadersOfAbsurdSizeCostNothing) {
  const auto big_endian = [](uint32_t number, int bytes) {
    std::string out;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 255);
    return out;
  };
  TemporaryFolder folder;
  const std::string png = png_of(picture(40, 50)), jpeg = jpeg_of(picture(40, 50));
  const int64_t before = peak_rss_bytes();
  for (const uint32_t side : {9000u, 65500u, 1000000u, 2147483647u}) {
    std::string huge = png;
    huge.replace(16, 8, big_endian(side, 4) + big_endian(side, 4));
    huge.replace(29, 4, big_endian(static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(&huge[12]), 17)), 4));
    const std::string sentence = error_of([&] { read_picture(folder.write("huge.png", huge)); });
    EXPECT_SAYS(sentence, "huge.png");
    EXPECT_TRUE(says(sentence, fmt::format("{0} × {0} pixels", side)) || says(sentence, "no sound PNG")) << sentence;
  }
  const size_t frame = jpeg.find(std::string("\xFF\xC0", 2));  // 17 bytes of a baseline frame's header
  ASSERT_NE(frame, std::string::npos);
  for (const uint32_t side : {9000u, 65500u, 65535u}) {
    std::string huge = jpeg;
    huge.replace(frame + 5, 4, big_endian(side, 2) + big_endian(side, 2));
    const std::string sentence = error_of([&] { read_picture(folder.write("huge.jpg", huge)); });
    EXPECT_SAYS(sentence, "huge.jpg");
    EXPECT_TRUE(says(sentence, fmt::format("{0} × {0} pixels", side)) || says(sentence, "no sound JPEG")) << sentence;
  }
  EXPECT_LT(peak_rss_bytes() - before, 32 << 20);
}

TEST(PictureFile, AFolderForEachClass) {
  TemporaryFolder folder;
  EXPECT_SAYS(error_of([&] { list_pictures(folder.path()); }), "has no subfolders");
  std::filesystem::create_directories(folder.path() / "dog");
  std::filesystem::create_directories(folder.path() / "cat");
  folder.write("dog/b.PNG", png_of(picture(3, 4)));
  folder.write("dog/a.jpg", jpeg_of(picture(3, 4)));
  EXPECT_SAYS(error_of([&] { list_pictures(folder.path()); }), "cat has no .png");
  folder.write("cat/x.png", png_of(picture(5, 4)));
  folder.write("cat/notes.txt", "no picture");
  const PictureFolder found = list_pictures(folder.path());
  EXPECT_EQ(found.classes, (std::vector<std::string>{"cat", "dog"}));
  ASSERT_EQ(found.files.size(), 3u);
  EXPECT_EQ(found.files[1].first.filename(), "a.jpg");
  EXPECT_EQ(found.files[1].second, 1);
  EXPECT_EQ(read_picture(found.files[0].first).height, 5);
}

TEST(PictureFile, AFolderIsRowsAndADataSet) {
  TemporaryFolder folder;
  EXPECT_TRUE(picture_folders(folder.path()).empty());
  for (const char* part : {"train/cat", "train/dog", "valid/cat", "notes"})
    std::filesystem::create_directories(folder.path() / part);
  folder.write("train/cat/1.png", png_of(picture(5, 4)));
  folder.write("train/cat/2.png", png_of(picture(4, 4)));
  folder.write("train/dog/1.jpg", jpeg_of(picture(3, 4)));
  folder.write("valid/cat/1.png", png_of(picture(5, 4)));
  const auto parts = picture_folders(folder.path());
  EXPECT_EQ(parts, (std::vector{folder.path() / "train", folder.path() / "valid"}));
  EXPECT_EQ(picture_folders(folder.path() / "train/"), std::vector{folder.path() / "train"});

  const auto reader = open_records(parts[0]);
  EXPECT_EQ(reader->columns(), (std::vector<std::string>{"label", "image"}));
  std::vector<std::string> labels;
  for (Record record; reader->next(record);) {
    labels.emplace_back(record[0]);
    EXPECT_TRUE(record[1].starts_with("4 × ") || record[1].starts_with("5 × ") || record[1].starts_with("3 × "));
  }
  EXPECT_EQ(labels, (std::vector<std::string>{"cat", "cat", "dog"}));

  const auto sets = group_files(parts);
  ASSERT_EQ(sets.size(), 1u);
  const SetReport report = check_data_set(sets[0], {});
  ASSERT_EQ(report.parts.size(), 2u);
  EXPECT_EQ(report.parts[0].rows, 3);
  EXPECT_EQ(report.duplicates.leaks[0][1], 1) << "the same picture in both parts";
  folder.write("train/dog/2.png", "no picture");
  EXPECT_SAYS(error_of([&] {
                const auto broken = open_records(parts[0]);
                for (Record record; broken->next(record);) {
                }
              }),
              "2.png is neither PNG nor JPEG");
}

TEST(ArrayFile, IdxImagesAndLabels) {
  TemporaryFolder folder;
  const std::string pixels(
      "\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03"
      "abcdef",
      22),
      labels("\0\0\x08\x01\0\0\0\x02\x05\x07", 10);
  const auto images = folder.write("i", pixels), classes = folder.write("l", labels);
  const auto read = read_idx_images(images, classes);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[1].label, 7);
  EXPECT_EQ(read[1].image, (Image{1, 3, 1, {'d', 'e', 'f'}}));
  EXPECT_SAYS(error_of([&] { read_idx(folder.write("x", pixels.substr(0, 21))); }), "cut short");
  EXPECT_SAYS(error_of([&] { read_idx(folder.write("x", pixels + "g")); }), "goes on behind");
  EXPECT_SAYS(error_of([&] { read_idx(folder.write("x", "text, not IDX")); }), "is no IDX file");
  EXPECT_SAYS(error_of([&] { read_idx(folder.write("x", std::string("\0\0\x0D\x01\0\0\0\x01", 8))); }), "type 0xd");
  EXPECT_SAYS(
      error_of([&] { read_idx(folder.write("x", std::string("\0\0\x08\x02\x7F\xFF\xFF\xFF\x7F\xFF\xFF\xFF", 12))); }),
      "claims a shape");
  EXPECT_SAYS(error_of([&] { read_idx(folder.write("x", std::string("\0\0\x08\x01\x7F\xFF\xFF\xFF", 8))); }),
              "cut short");
  EXPECT_SAYS(
      error_of([&] { read_idx_images(images, folder.write("x", std::string("\0\0\x08\x01\0\0\0\x01\x05", 9))); }),
      "is of shape 2 × 1 × 3");
}

TEST(ArrayFile, CifarPlanesBecomePixels) {
  TemporaryFolder folder;
  std::string row(1, '\3');
  for (int channel = 0; channel < 3; ++channel)
    for (int pixel = 0; pixel < 1024; ++pixel) row += static_cast<char>(pixel % 64 + 64 * channel);
  const auto images = read_cifar(folder.write("a.bin", row + row));
  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(images[1].label, 3);
  EXPECT_EQ(images[1].image.at(1, 2, 0), 34);
  EXPECT_EQ(images[1].image.at(1, 2, 2), 34 + 128);
  EXPECT_SAYS(error_of([&] { read_cifar(folder.write("a.bin", row + row.substr(1))); }), "cut short: 1 bytes");
  EXPECT_SAYS(error_of([&] { read_cifar(folder.write("a.bin", row), 3); }), "image 0 has the label 3");
  EXPECT_EQ(read_cifar(folder.write("b.bin", '\1' + row), 100, true)[0].label, 3);
}

TEST(ImageRecords, AnImageIsItsSizeAndHash) {
  TemporaryFolder folder;
  const auto file = folder.write("train-images-idx3-ubyte", std::string("\0\0\x08\x03\0\0\0\x03\0\0\0\x01\0\0\0\x02"
                                                                        "ababba",
                                                                        22));
  const auto reader = open_records(file);
  EXPECT_EQ(reader->columns(), std::vector<std::string>{"image"});
  std::vector<std::string> images;
  for (Record record; reader->next(record);) images.emplace_back(record[0]);
  ASSERT_EQ(images.size(), 3u);
  EXPECT_TRUE(images[0].starts_with("1 × 2 × 1 #"));
  EXPECT_EQ(images[0], images[1]);
  EXPECT_NE(images[0], images[2]);
  EXPECT_EQ(open_records(folder.write("a.bin", std::string(3073, '\1')))->columns(),
            (std::vector<std::string>{"label", "image"}));
}

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string out = std::string("\x93NUMPY") + version + '\0' + static_cast<char>(header.size() + 1) + '\0';
  if (version > 1) out += std::string(2, '\0');
  return out + header + "\n" + data;
}

TEST(ArrayFile, NumpyArrays) {
  TemporaryFolder folder;
  const float values[] = {1.5f, -2.0f};
  const std::string data(reinterpret_cast<const char*>(values), sizeof values);
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }";
  for (char version : {1, 2, 3}) {
    const NumpyArray array = read_npy(folder.write("a.npy", npy(header, data, version)));
    EXPECT_EQ(array.type, "f4");
    EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 1}));
    EXPECT_EQ(numbers_of(array), (std::vector<double>{1.5, -2}));
  }
  const auto problem = [&](const std::string& bytes) {
    return error_of([&] { read_npy(folder.write("b.npy", bytes)); });
  };
  EXPECT_EQ(numbers_of(read_npy(
                folder.write("c.npy", npy("{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }", "\1\2\xFF")))),
            (std::vector<double>{1, 2, -1}));
  EXPECT_EQ(read_npy(folder.write("c.npy", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", "\1")))
                .shape.size(),
            0u);
  EXPECT_SAYS(problem("PK\3\4 zip, no npy"), "is no .npy file");
  EXPECT_SAYS(problem(npy(header, data.substr(1))), "cut short");
  EXPECT_SAYS(problem(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", data)), "little-endian");
  EXPECT_SAYS(problem(npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", data)), "little-endian");
  EXPECT_SAYS(problem(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", data)), "Fortran");
  EXPECT_SAYS(problem(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", data)), "claims a shape");
  EXPECT_SAYS(problem(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), }", data)),
              "claims a shape");
  EXPECT_SAYS(problem(npy("{'descr': '<f4'}", data)), "has no 'fortran_order'");
  EXPECT_SAYS(problem("\x93NUMPY\1"), "cut short");
}

}  // namespace
}  // namespace heddle::data
