#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/feature_map.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <algorithm>
#include <cmath>

#include <hwy/contrib/math/math-inl.h>
#include "heddle/kernels/feature_map.h"
#include "heddle/kernels/row_pieces.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// y = map(x) for a row of any width; what is left over of it goes through a vector of its own. In the maps, a minimum
// or maximum has the constant first: then a NaN stays one.
template <class Map>
HWY_INLINE void map_row(int64_t width, const float* x, float* y, Map&& map) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes) hn::StoreU(map(d, hn::LoadU(d, x + c)), d, y + c);
  if (c == width) return;
  HWY_ALIGN float rest[HWY_MAX_BYTES / sizeof(float)] = {};
  std::copy(x + c, x + width, rest);
  hn::Store(map(d, hn::Load(d, rest)), d, rest);
  std::copy_n(rest, width - c, y + c);
}

void EluFeatures(int64_t width, const float* x, float* y) {
  map_row(width, x, y, [](auto d, auto value) {
    const auto one = hn::Set(d, 1.0f), zero = hn::Zero(d);
    return hn::IfThenElse(hn::Gt(value, zero), hn::Add(value, one),
                          hn::Exp(d, hn::Max(hn::Set(d, -87.0f), hn::Min(zero, value))));
  });
}

void ExpFeatures(int64_t width, const float* x, float shift, float cap, float least, float* y) {
  map_row(width, x, y, [=](auto d, auto value) {
    const auto exponent = hn::Min(hn::Set(d, cap), hn::Sub(value, hn::Set(d, shift)));
    return hn::Add(hn::Exp(d, hn::Max(hn::Set(d, -87.0f), exponent)), hn::Set(d, least));
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(EluFeatures);
HWY_EXPORT(ExpFeatures);

void elu_features(int64_t rows, int64_t width, const float* x, float* y) {
  const auto run = HWY_DYNAMIC_DISPATCH(EluFeatures);
  parallel_for(rows, row_grain(width), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) run(width, x + r * width, y + r * width);
  });
}

void elu_features(int64_t rows, int64_t width, const double* x, double* y) {
  for (int64_t i = 0; i < rows * width; ++i) y[i] = x[i] > 0 ? x[i] + 1 : std::exp(x[i]);
}

void exp_features(int64_t rows, int64_t width, const float* x, const float* shift, double cap, double least, float* y) {
  const auto run = HWY_DYNAMIC_DISPATCH(ExpFeatures);
  parallel_for(rows, row_grain(width), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      run(width, x + r * width, shift[r], static_cast<float>(cap), static_cast<float>(least), y + r * width);
  });
}

void exp_features(int64_t rows, int64_t width, const double* x, const double* shift, double cap, double least,
                  double* y) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = r * width; c < (r + 1) * width; ++c) y[c] = std::exp(std::min(x[c] - shift[r], cap)) + least;
}

}  // namespace heddle::kernels
#endif
