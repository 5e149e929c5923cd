#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/norm.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/norm.h"
#include "heddle/kernels/reference/norm.h"
#include "heddle/kernels/row_pieces.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void SumRow(int64_t width, const float* x, const float* bias, const float* residual, const float* factors, float* s) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes) {
    auto value = hn::LoadU(d, x + c);
    if (bias) value = hn::Add(value, hn::LoadU(d, bias + c));
    if (factors) value = hn::Mul(value, hn::LoadU(d, factors + c));
    if (residual) value = hn::Add(value, hn::LoadU(d, residual + c));
    hn::StoreU(value, d, s + c);
  }
  for (; c < width; ++c)
    s[c] = (x[c] + (bias ? bias[c] : 0.0f)) * (factors ? factors[c] : 1.0f) + (residual ? residual[c] : 0.0f);
}

void NormRow(NormKind kind, int64_t width, const float* s, const float* gain, const float* shift, float epsilon,
             float* y, float* mean, float* rstd) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t whole = width / lanes * lanes;
  *mean = 0;
  if (kind == NormKind::layer) {
    auto sums = hn::Zero(d);
    for (int64_t c = 0; c < whole; c += lanes) sums = hn::Add(sums, hn::LoadU(d, s + c));
    float sum = hn::GetLane(hn::SumOfLanes(d, sums));
    for (int64_t c = whole; c < width; ++c) sum += s[c];
    *mean = sum / static_cast<float>(width);
  }
  const auto means = hn::Set(d, *mean);
  auto squares = hn::Zero(d);
  for (int64_t c = 0; c < whole; c += lanes) {
    const auto centred = hn::Sub(hn::LoadU(d, s + c), means);
    squares = hn::MulAdd(centred, centred, squares);
  }
  float square = hn::GetLane(hn::SumOfLanes(d, squares));
  for (int64_t c = whole; c < width; ++c) square += (s[c] - *mean) * (s[c] - *mean);
  *rstd = 1.0f / std::sqrt(square / static_cast<float>(width) + epsilon);
  const auto rates = hn::Set(d, *rstd);
  for (int64_t c = 0; c < whole; c += lanes) {
    const auto normal = hn::Mul(hn::Sub(hn::LoadU(d, s + c), means), rates);
    const auto scaled = hn::Mul(normal, hn::LoadU(d, gain + c));
    hn::StoreU(shift ? hn::Add(scaled, hn::LoadU(d, shift + c)) : scaled, d, y + c);
  }
  for (int64_t c = whole; c < width; ++c) y[c] = (s[c] - *mean) * *rstd * gain[c] + (shift ? shift[c] : 0.0f);
}

void NormRowBackward(NormKind kind, int64_t width, const float* s, const float* gain, float mean, float rstd,
                     const float* dy, float* ds, bool accumulate) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t whole = width / lanes * lanes;
  const auto means = hn::Set(d, mean), rates = hn::Set(d, rstd);
  auto sums = hn::Zero(d), dots = hn::Zero(d);
  for (int64_t c = 0; c < whole; c += lanes) {
    const auto g = hn::Mul(hn::LoadU(d, dy + c), hn::LoadU(d, gain + c));
    sums = hn::Add(sums, g);
    dots = hn::MulAdd(g, hn::Mul(hn::Sub(hn::LoadU(d, s + c), means), rates), dots);
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, sums)), dot = hn::GetLane(hn::SumOfLanes(d, dots));
  for (int64_t c = whole; c < width; ++c) {
    sum += dy[c] * gain[c];
    dot += dy[c] * gain[c] * (s[c] - mean) * rstd;
  }
  const float mean_g = kind == NormKind::layer ? sum / static_cast<float>(width) : 0.0f;
  const float mean_dot = dot / static_cast<float>(width);
  const auto mean_gs = hn::Set(d, mean_g), mean_dots = hn::Set(d, mean_dot);
  for (int64_t c = 0; c < whole; c += lanes) {
    const auto g = hn::Mul(hn::LoadU(d, dy + c), hn::LoadU(d, gain + c));
    const auto normal = hn::Mul(hn::Sub(hn::LoadU(d, s + c), means), rates);
    auto gradient = hn::Mul(rates, hn::NegMulAdd(normal, mean_dots, hn::Sub(g, mean_gs)));
    if (accumulate) gradient = hn::Add(gradient, hn::LoadU(d, ds + c));
    hn::StoreU(gradient, d, ds + c);
  }
  for (int64_t c = whole; c < width; ++c) {
    const float gradient = rstd * (dy[c] * gain[c] - mean_g - (s[c] - mean) * rstd * mean_dot);
    ds[c] = accumulate ? ds[c] + gradient : gradient;
  }
}

// Columns [0, columns) of all rows.
void NormParameterColumns(int64_t rows, int64_t width, int64_t columns, const float* s, const float* mean,
                          const float* rstd, const float* dy, float* dgain, float* dshift) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + lanes <= columns; c += lanes) {
    auto gains = hn::Zero(d), shifts = hn::Zero(d);
    for (int64_t r = 0; r < rows; ++r) {
      const auto g = hn::LoadU(d, dy + r * width + c);
      const auto normal = hn::Mul(hn::Sub(hn::LoadU(d, s + r * width + c), hn::Set(d, mean[r])), hn::Set(d, rstd[r]));
      gains = hn::MulAdd(g, normal, gains);
      shifts = hn::Add(shifts, g);
    }
    hn::StoreU(hn::Add(gains, hn::LoadU(d, dgain + c)), d, dgain + c);
    if (dshift) hn::StoreU(hn::Add(shifts, hn::LoadU(d, dshift + c)), d, dshift + c);
  }
  for (; c < columns; ++c)
    for (int64_t r = 0; r < rows; ++r) {
      dgain[c] += dy[r * width + c] * (s[r * width + c] - mean[r]) * rstd[r];
      if (dshift) dshift[c] += dy[r * width + c];
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(SumRow);
HWY_EXPORT(NormRow);
HWY_EXPORT(NormRowBackward);
HWY_EXPORT(NormParameterColumns);

void residual_sum(int64_t rows, int64_t width, const float* x, const float* bias, const float* residual,
                  const Dropout& dropout, float* s) {
  const auto run = HWY_DYNAMIC_DISPATCH(SumRow);
  over_row_pieces(rows, width, width, dropout, [&](int64_t r, int64_t c, int64_t count, const float* factors) {
    const int64_t i = r * width + c;
    run(count, x + i, bias ? bias + c : nullptr, residual ? residual + i : nullptr, factors, s + i);
  });
}

void norm(NormKind kind, int64_t rows, int64_t width, const float* s, const float* gain, const float* shift,
          float epsilon, float* y, float* mean, float* rstd) {
  const auto run = HWY_DYNAMIC_DISPATCH(NormRow);
  parallel_for(rows, row_grain(width), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      run(kind, width, s + r * width, gain, shift, epsilon, y + r * width, mean + r, rstd + r);
  });
}

void norm_backward(NormKind kind, int64_t rows, int64_t width, const float* s, const float* gain, const float* mean,
                   const float* rstd, const float* dy, float* ds, bool accumulate) {
  const auto run = HWY_DYNAMIC_DISPATCH(NormRowBackward);
  parallel_for(rows, row_grain(width), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      run(kind, width, s + r * width, gain, mean[r], rstd[r], dy + r * width, ds + r * width, accumulate);
  });
}

void norm_parameter_gradients(int64_t rows, int64_t width, const float* s, const float* mean, const float* rstd,
                              const float* dy, float* dgain, float* dshift) {
  const auto run = HWY_DYNAMIC_DISPATCH(NormParameterColumns);
  parallel_for((width + 63) / 64, row_grain(64 * rows), [&](int64_t begin, int64_t end, int) {
    const int64_t c = begin * 64, last = std::min(end * 64, width);
    run(rows, width, last - c, s + c, mean, rstd, dy + c, dgain + c, dshift ? dshift + c : nullptr);
  });
}

void residual_sum(int64_t rows, int64_t width, const double* x, const double* bias, const double* residual,
                  const Dropout& dropout, double* s) {
  reference::residual_sum(rows, width, x, bias, residual, dropout, s);
}

void norm(NormKind kind, int64_t rows, int64_t width, const double* s, const double* gain, const double* shift,
          double epsilon, double* y, double* mean, double* rstd) {
  reference::norm(kind, rows, width, s, gain, shift, epsilon, y, mean, rstd);
}

void norm_backward(NormKind kind, int64_t rows, int64_t width, const double* s, const double* gain, const double* mean,
                   const double* rstd, const double* dy, double* ds, bool accumulate) {
  reference::norm_backward(kind, rows, width, s, gain, mean, rstd, dy, ds, accumulate);
}

void norm_parameter_gradients(int64_t rows, int64_t width, const double* s, const double* mean, const double* rstd,
                              const double* dy, double* dgain, double* dshift) {
  reference::norm_parameter_gradients(rows, width, s, mean, rstd, dy, dgain, dshift);
}

}  // namespace heddle::kernels
#endif
