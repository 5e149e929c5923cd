#pragma once
// New pictures from old ones: mirrored, turned, shifted, with a hole, mixed, with noise. Sizes stay as they are.

#include "heddle/base/random.h"
#include "heddle/data/images/image.h"

namespace heddle::data {

Image flip(const Image& image);  // left and right
// By `degrees` against the clock around the middle, bilinear; what comes from outside is `fill`.
Image rotate(const Image& image, double degrees, uint8_t fill = 0);
// The same size cut out of the picture with `padding` pixels of `fill` around it, at a random place (Krizhevsky 2012).
Image crop_with_padding(const Image& image, int32_t padding, uint8_t fill, RandomStream& random);
// A square of side `size` in a random place is `fill`; it may reach beyond the edge (DeVries & Taylor 2017, "cutout").
Image cutout(const Image& image, int32_t size, uint8_t fill, RandomStream& random);
// Each value plus a normal one of this standard deviation, rounded and clamped.
Image add_noise(const Image& image, double deviation, RandomStream& random);

// share · a + (1 − share) · b; labels mix alike (Zhang et al. 2018, "mixup"). Throws InputError for unequal sizes.
Image mix(const Image& a, const Image& b, double share);
// A share from Beta(alpha, alpha), alpha > 0 (Jöhnk 1964).
double mixup_share(double alpha, RandomStream& random);

}  // namespace heddle::data
