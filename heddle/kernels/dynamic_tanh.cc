#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/dynamic_tanh.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>
#include "heddle/kernels/dynamic_tanh.h"
#include "heddle/kernels/reference/dynamic_tanh.h"
#include "heddle/kernels/row_pieces.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Highway's tanh is exact to 4 ulp, near zero too.
void DynamicTanhRow(int64_t width, const float* x, float alpha, const float* gain, const float* shift, float* y) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto alphas = hn::Set(d, alpha);
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes) {
    const auto t = hn::Tanh(d, hn::Mul(alphas, hn::LoadU(d, x + c)));
    hn::StoreU(hn::MulAdd(hn::LoadU(d, gain + c), t, hn::LoadU(d, shift + c)), d, y + c);
  }
  reference::dynamic_tanh(width - c, x + c, alpha, gain + c, shift + c, y + c);
}

float DynamicTanhRowBackward(int64_t width, const float* x, float alpha, const float* gain, const float* dy, float* dx,
                             float* dgain) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto alphas = hn::Set(d, alpha), one = hn::Set(d, 1.0f);
  auto sums = hn::Zero(d);
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes) {
    const auto value = hn::LoadU(d, x + c), gradient = hn::LoadU(d, dy + c);
    const auto t = hn::Tanh(d, hn::Mul(alphas, value));
    const auto inner = hn::Mul(hn::Mul(gradient, hn::LoadU(d, gain + c)), hn::NegMulAdd(t, t, one));
    hn::StoreU(hn::Mul(gradient, t), d, dgain + c);
    hn::StoreU(hn::Mul(inner, alphas), d, dx + c);
    sums = hn::MulAdd(inner, value, sums);
  }
  return hn::GetLane(hn::SumOfLanes(d, sums)) +
         reference::dynamic_tanh_backward(width - c, x + c, alpha, gain + c, dy + c, dx + c, dgain + c);
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(DynamicTanhRow);
HWY_EXPORT(DynamicTanhRowBackward);

namespace {

template <class Row>
void each_row(int64_t rows, int64_t width, Row&& row) {
  parallel_for(rows, row_grain(width), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) row(r, r * width);
  });
}

}  // namespace

void dynamic_tanh(int64_t rows, int64_t width, const float* x, float alpha, const float* gain, const float* shift,
                  float* y) {
  const auto run = HWY_DYNAMIC_DISPATCH(DynamicTanhRow);
  each_row(rows, width, [&](int64_t, int64_t i) { run(width, x + i, alpha, gain, shift, y + i); });
}

void dynamic_tanh(int64_t rows, int64_t width, const double* x, double alpha, const double* gain, const double* shift,
                  double* y) {
  each_row(rows, width, [&](int64_t, int64_t i) { reference::dynamic_tanh(width, x + i, alpha, gain, shift, y + i); });
}

void dynamic_tanh_backward(int64_t rows, int64_t width, const float* x, float alpha, const float* gain, const float* dy,
                           float* dx, float* dgain, float* dalpha) {
  const auto run = HWY_DYNAMIC_DISPATCH(DynamicTanhRowBackward);
  each_row(rows, width,
           [&](int64_t r, int64_t i) { dalpha[r] = run(width, x + i, alpha, gain, dy + i, dx + i, dgain + i); });
}

void dynamic_tanh_backward(int64_t rows, int64_t width, const double* x, double alpha, const double* gain,
                           const double* dy, double* dx, double* dgain, double* dalpha) {
  each_row(rows, width, [&](int64_t r, int64_t i) {
    dalpha[r] = reference::dynamic_tanh_backward(width, x + i, alpha, gain, dy + i, dx + i, dgain + i);
  });
}

}  // namespace heddle::kernels
#endif
