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

void ReluFeatures(int64_t count, const float* x, float least, float* y) {
  map_row(count, x, y, [=](auto d, auto value) {
    return hn::Add(hn::IfThenZeroElse(hn::Lt(value, hn::Zero(d)), value), hn::Set(d, least));
  });
}

// dx = slope(y, dy); compilers make branches of it, and signs are as good as random.
template <class Slope>
HWY_INLINE void slopes(int64_t count, const float* y, const float* dy, float* dx, Slope&& slope) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(slope(d, hn::LoadU(d, y + i), hn::LoadU(d, dy + i)), d, dx + i);
  const hn::CappedTag<float, 1> one;
  for (; i < count; ++i) hn::StoreU(slope(one, hn::LoadU(one, y + i), hn::LoadU(one, dy + i)), one, dx + i);
}

void EluSlopes(int64_t count, const float* y, const float* dy, float* dx) {
  slopes(count, y, dy, dx,
         [](auto d, auto value, auto gradient) { return hn::Mul(gradient, hn::Min(hn::Set(d, 1.0f), value)); });
}

void ReluSlopes(int64_t count, const float* y, float least, const float* dy, float* dx) {
  slopes(count, y, dy, dx, [=](auto d, auto value, auto gradient) {
    return hn::IfThenElseZero(hn::Gt(value, hn::Set(d, least)), gradient);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(EluFeatures);
HWY_EXPORT(ExpFeatures);
HWY_EXPORT(EluSlopes);
HWY_EXPORT(ReluFeatures);
HWY_EXPORT(ReluSlopes);

namespace {

// row(begin, count) over pieces of all elements.
template <class Row>
void over_pieces(int64_t count, Row&& row) {
  parallel_for(count, row_grain(1), [&](int64_t begin, int64_t end, int) { row(begin, end - begin); });
}

}  // namespace

void elu_features_backward(int64_t count, const float* y, const float* dy, float* dx) {
  const auto run = HWY_DYNAMIC_DISPATCH(EluSlopes);
  over_pieces(count, [=](int64_t at, int64_t n) { run(n, y + at, dy + at, dx + at); });
}

void elu_features_backward(int64_t count, const double* y, const double* dy, double* dx) {
  for (int64_t i = 0; i < count; ++i) dx[i] = dy[i] * std::min(y[i], 1.0);
}

void relu_features(int64_t count, const float* x, float least, float* y) {
  const auto run = HWY_DYNAMIC_DISPATCH(ReluFeatures);
  over_pieces(count, [=](int64_t at, int64_t n) { run(n, x + at, least, y + at); });
}

void relu_features(int64_t count, const double* x, double least, double* y) {
  for (int64_t i = 0; i < count; ++i) y[i] = (x[i] < 0 ? 0 : x[i]) + least;
}

void relu_features_backward(int64_t count, const float* y, float least, const float* dy, float* dx) {
  const auto run = HWY_DYNAMIC_DISPATCH(ReluSlopes);
  over_pieces(count, [=](int64_t at, int64_t n) { run(n, y + at, least, dy + at, dx + at); });
}

void relu_features_backward(int64_t count, const double* y, double least, const double* dy, double* dx) {
  for (int64_t i = 0; i < count; ++i) dx[i] = y[i] > least ? dy[i] : 0;
}

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
