#pragma once
// Pictures as bytes, and how large one may be.

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::data {

struct Image {
  int32_t height = 0, width = 0, channels = 0;  // 1: grey, 3: red, green, blue
  std::vector<uint8_t> pixels = {};             // [height, width, channels]

  uint8_t& at(int32_t y, int32_t x, int32_t channel) { return pixels[index(y, x, channel)]; }
  uint8_t at(int32_t y, int32_t x, int32_t channel) const { return pixels[index(y, x, channel)]; }
  bool operator==(const Image&) const = default;

 private:
  size_t index(int32_t y, int32_t x, int32_t channel) const {
    return (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) *
               static_cast<size_t>(channels) +
           static_cast<size_t>(channel);
  }
};

struct LabelledImage {
  Image image;
  int32_t label = 0;
};

// Checked against what a file claims, before memory is taken for it.
struct ImageLimits {
  int64_t most_pixels = int64_t{1} << 26;      // of one image: 8192 × 8192
  int64_t most_bytes = int64_t{1} << 32;       // of all the images of one file
  int64_t most_file_bytes = int64_t{1} << 28;  // of a PNG or JPEG
};

}  // namespace heddle::data
