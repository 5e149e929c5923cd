#include "heddle/data/augmentation/image_changes.h"

#include <algorithm>
#include <cmath>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

uint8_t as_byte(double value) { return static_cast<uint8_t>(std::clamp(std::lround(value), 0L, 255L)); }

Image filled_like(const Image& image, uint8_t fill) {
  return {image.height, image.width, image.channels, std::vector<uint8_t>(image.pixels.size(), fill)};
}

bool inside(const Image& image, int64_t y, int64_t x) {
  return y >= 0 && x >= 0 && y < image.height && x < image.width;
}

}  // namespace

Image flip(const Image& image) {
  Image out = image;
  for (int32_t y = 0; y < image.height; ++y)
    for (int32_t x = 0; x < image.width; ++x)
      for (int32_t c = 0; c < image.channels; ++c) out.at(y, x, c) = image.at(y, image.width - 1 - x, c);
  return out;
}

Image rotate(const Image& image, double degrees, uint8_t fill) {
  Image out = filled_like(image, fill);
  const double angle = degrees * 3.14159265358979323846 / 180, sine = std::sin(angle), cosine = std::cos(angle);
  const double middle_y = (image.height - 1) / 2.0, middle_x = (image.width - 1) / 2.0;
  const auto value = [&](int64_t y, int64_t x, int32_t c) {
    return inside(image, y, x) ? static_cast<double>(image.at(static_cast<int32_t>(y), static_cast<int32_t>(x), c))
                               : static_cast<double>(fill);
  };
  for (int32_t y = 0; y < image.height; ++y)
    for (int32_t x = 0; x < image.width; ++x) {
      // Where this pixel comes from; y grows downwards.
      const double from_x = middle_x + cosine * (x - middle_x) - sine * (y - middle_y);
      const double from_y = middle_y + sine * (x - middle_x) + cosine * (y - middle_y);
      const auto left = static_cast<int64_t>(std::floor(from_x + 1e-9)),
                 top = static_cast<int64_t>(std::floor(from_y + 1e-9));
      const double right = std::max(0.0, from_x - static_cast<double>(left)),
                   down = std::max(0.0, from_y - static_cast<double>(top));
      for (int32_t c = 0; c < image.channels; ++c)
        out.at(y, x, c) = as_byte((1 - down) * ((1 - right) * value(top, left, c) + right * value(top, left + 1, c)) +
                                  down * ((1 - right) * value(top + 1, left, c) + right * value(top + 1, left + 1, c)));
    }
  return out;
}

Image crop_with_padding(const Image& image, int32_t padding, uint8_t fill, RandomStream& random) {
  if (padding < 0) fail_input("a padding of {} pixels; expected 0 or more", padding);
  const auto places = static_cast<uint64_t>(2 * int64_t{padding} + 1);
  const int64_t down = static_cast<int64_t>(random.below(places)) - padding;
  const int64_t right = static_cast<int64_t>(random.below(places)) - padding;
  Image out = filled_like(image, fill);
  for (int32_t y = 0; y < image.height; ++y)
    for (int32_t x = 0; x < image.width; ++x)
      if (inside(image, y + down, x + right))
        for (int32_t c = 0; c < image.channels; ++c)
          out.at(y, x, c) = image.at(static_cast<int32_t>(y + down), static_cast<int32_t>(x + right), c);
  return out;
}

Image cutout(const Image& image, int32_t size, uint8_t fill, RandomStream& random) {
  if (size < 1 || image.pixels.empty())
    fail_input("a hole of {} pixels in a picture of {} × {}", size, image.width, image.height);
  const auto top = static_cast<int32_t>(random.below(static_cast<uint64_t>(image.height))) - size / 2;
  const auto left = static_cast<int32_t>(random.below(static_cast<uint64_t>(image.width))) - size / 2;
  Image out = image;
  for (int32_t y = std::max(top, 0); y < std::min(top + size, image.height); ++y)
    for (int32_t x = std::max(left, 0); x < std::min(left + size, image.width); ++x)
      for (int32_t c = 0; c < image.channels; ++c) out.at(y, x, c) = fill;
  return out;
}

Image add_noise(const Image& image, double deviation, RandomStream& random) {
  Image out = image;
  for (uint8_t& value : out.pixels) value = as_byte(value + deviation * random.normal());
  return out;
}

Image mix(const Image& a, const Image& b, double share) {
  if (a.height != b.height || a.width != b.width || a.channels != b.channels)
    fail_input("pictures of {} × {} × {} and {} × {} × {} cannot be mixed; expected equal sizes", a.height, a.width,
               a.channels, b.height, b.width, b.channels);
  Image out = a;
  for (size_t i = 0; i < out.pixels.size(); ++i)
    out.pixels[i] = as_byte(share * a.pixels[i] + (1 - share) * b.pixels[i]);
  return out;
}

double mixup_share(double alpha, RandomStream& random) {
  if (!(alpha > 0)) fail_input("mixup's alpha is {}; expected more than 0", alpha);
  for (;;) {
    const double x = std::pow(random.uniform(), 1 / alpha), y = std::pow(random.uniform(), 1 / alpha);
    if (x + y <= 1 && x + y > 0) return x / (x + y);
  }
}

}  // namespace heddle::data
