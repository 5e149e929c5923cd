#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/activation.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "heddle/kernels/activation.h"
#include "heddle/kernels/cpu/activation-inl.h"
#include "heddle/kernels/reference/activation.h"
#include "heddle/kernels/row_pieces.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// One row; factors null: no dropout; bias null: none. Width of any size.
void ActivationRow(Activation activation, int64_t width, const float* x, const float* bias, const float* factors,
                   float* y) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes) {
    auto value = hn::LoadU(d, x + c);
    if (bias) value = hn::Add(value, hn::LoadU(d, bias + c));
    value = activate(d, activation, value);
    if (factors) value = hn::Mul(value, hn::LoadU(d, factors + c));
    hn::StoreU(value, d, y + c);
  }
  for (; c < width; ++c)
    y[c] = reference::activate(activation, x[c] + (bias ? bias[c] : 0.0f)) * (factors ? factors[c] : 1.0f);
}

void ActivationRowBackward(Activation activation, int64_t width, const float* x, const float* bias,
                           const float* factors, const float* dy, float* dx) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes) {
    auto gradient = hn::LoadU(d, dy + c);
    if (factors) gradient = hn::Mul(gradient, hn::LoadU(d, factors + c));
    if (activation != Activation::none) {
      auto value = hn::LoadU(d, x + c);
      if (bias) value = hn::Add(value, hn::LoadU(d, bias + c));
      gradient = hn::Mul(gradient, slope(d, activation, value));
    }
    hn::StoreU(gradient, d, dx + c);
  }
  for (; c < width; ++c)
    dx[c] = dy[c] * (factors ? factors[c] : 1.0f) *
            (activation == Activation::none ? 1.0f : reference::slope(activation, x[c] + (bias ? bias[c] : 0.0f)));
}

void AddRows(int64_t rows, int64_t stride, int64_t width, const float* x, float* sums) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes) {
    auto even = hn::Zero(d), odd = hn::Zero(d);
    int64_t r = 0;
    for (; r + 2 <= rows; r += 2) {
      even = hn::Add(even, hn::LoadU(d, x + r * stride + c));
      odd = hn::Add(odd, hn::LoadU(d, x + (r + 1) * stride + c));
    }
    if (r < rows) even = hn::Add(even, hn::LoadU(d, x + r * stride + c));
    hn::StoreU(hn::Add(hn::LoadU(d, sums + c), hn::Add(even, odd)), d, sums + c);
  }
  for (; c < width; ++c) {
    float sum = 0;
    for (int64_t r = 0; r < rows; ++r) sum += x[r * stride + c];
    sums[c] += sum;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(ActivationRow);
HWY_EXPORT(ActivationRowBackward);
HWY_EXPORT(AddRows);

void bias_activation(Activation activation, int64_t rows, int64_t width, const float* x, const float* bias,
                     const Dropout& dropout, float* y) {
  const auto run = HWY_DYNAMIC_DISPATCH(ActivationRow);
  over_row_pieces(rows, width, width, dropout, [&](int64_t r, int64_t c, int64_t count, const float* factors) {
    run(activation, count, x + r * width + c, bias ? bias + c : nullptr, factors, y + r * width + c);
  });
}

void bias_activation_backward(Activation activation, int64_t rows, int64_t width, const float* x, const float* bias,
                              const Dropout& dropout, const float* dy, float* dx) {
  const auto run = HWY_DYNAMIC_DISPATCH(ActivationRowBackward);
  over_row_pieces(rows, width, width, dropout, [&](int64_t r, int64_t c, int64_t count, const float* factors) {
    run(activation, count, x ? x + r * width + c : nullptr, bias ? bias + c : nullptr, factors, dy + r * width + c,
        dx + r * width + c);
  });
}

void add_row_sums(int64_t rows, int64_t width, const float* x, float* sums) {
  const auto run = HWY_DYNAMIC_DISPATCH(AddRows);
  // Threads share the columns, so that every sum has one order.
  parallel_for((width + 63) / 64, row_grain(64 * rows), [&](int64_t begin, int64_t end, int) {
    const int64_t first = begin * 64, last = std::min(end * 64, width);
    run(rows, width, last - first, x + first, sums + first);
  });
}

void bias_activation(Activation activation, int64_t rows, int64_t width, const double* x, const double* bias,
                     const Dropout& dropout, double* y) {
  reference::bias_activation(activation, rows, width, x, bias, dropout, y);
}

void bias_activation_backward(Activation activation, int64_t rows, int64_t width, const double* x, const double* bias,
                              const Dropout& dropout, const double* dy, double* dx) {
  reference::bias_activation_backward(activation, rows, width, x, bias, dropout, dy, dx);
}

void add_row_sums(int64_t rows, int64_t width, const double* x, double* sums) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c) sums[c] += x[r * width + c];
}

}  // namespace heddle::kernels
#endif
