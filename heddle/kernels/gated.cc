#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/gated.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "heddle/kernels/cpu/activation-inl.h"
#include "heddle/kernels/gated.h"
#include "heddle/kernels/reference/gated.h"
#include "heddle/kernels/row_pieces.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Columns of one row. `up` lies behind `gate` in x and bias alike; factors null: no dropout.
void GatedRow(Activation activation, int64_t count, const float* gate, const float* up, const float* gate_bias,
              const float* up_bias, const float* factors, float* y) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + lanes <= count; c += lanes) {
    auto g = hn::LoadU(d, gate + c), u = hn::LoadU(d, up + c);
    if (gate_bias) g = hn::Add(g, hn::LoadU(d, gate_bias + c)), u = hn::Add(u, hn::LoadU(d, up_bias + c));
    auto value = hn::Mul(activate(d, activation, g), u);
    if (factors) value = hn::Mul(value, hn::LoadU(d, factors + c));
    hn::StoreU(value, d, y + c);
  }
  for (; c < count; ++c) {
    const float g = gate[c] + (gate_bias ? gate_bias[c] : 0.0f), u = up[c] + (up_bias ? up_bias[c] : 0.0f);
    y[c] = reference::activate(activation, g) * u * (factors ? factors[c] : 1.0f);
  }
}

void GatedRowBackward(Activation activation, int64_t count, const float* gate, const float* up, const float* gate_bias,
                      const float* up_bias, const float* factors, const float* dy, float* dgate, float* dup) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + lanes <= count; c += lanes) {
    auto g = hn::LoadU(d, gate + c), u = hn::LoadU(d, up + c);
    if (gate_bias) g = hn::Add(g, hn::LoadU(d, gate_bias + c)), u = hn::Add(u, hn::LoadU(d, up_bias + c));
    auto gradient = hn::LoadU(d, dy + c);
    if (factors) gradient = hn::Mul(gradient, hn::LoadU(d, factors + c));
    hn::StoreU(hn::Mul(gradient, hn::Mul(u, slope(d, activation, g))), d, dgate + c);
    hn::StoreU(hn::Mul(gradient, activate(d, activation, g)), d, dup + c);
  }
  for (; c < count; ++c) {
    const float g = gate[c] + (gate_bias ? gate_bias[c] : 0.0f), u = up[c] + (up_bias ? up_bias[c] : 0.0f);
    const float gradient = dy[c] * (factors ? factors[c] : 1.0f);
    dgate[c] = gradient * u * reference::slope(activation, g);
    dup[c] = gradient * reference::activate(activation, g);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(GatedRow);
HWY_EXPORT(GatedRowBackward);

void gated(Activation gate, int64_t rows, int64_t width, const float* x, const float* bias, const Dropout& dropout,
           float* y) {
  const auto run = HWY_DYNAMIC_DISPATCH(GatedRow);
  over_row_pieces(rows, width, 2 * width, dropout, [&](int64_t r, int64_t c, int64_t count, const float* factors) {
    const float* row = x + 2 * r * width + c;
    run(gate, count, row, row + width, bias ? bias + c : nullptr, bias ? bias + width + c : nullptr, factors,
        y + r * width + c);
  });
}

void gated_backward(Activation gate, int64_t rows, int64_t width, const float* x, const float* bias,
                    const Dropout& dropout, const float* dy, float* dx) {
  const auto run = HWY_DYNAMIC_DISPATCH(GatedRowBackward);
  over_row_pieces(rows, width, 2 * width, dropout, [&](int64_t r, int64_t c, int64_t count, const float* factors) {
    const float* row = x + 2 * r * width + c;
    float* target = dx + 2 * r * width + c;
    run(gate, count, row, row + width, bias ? bias + c : nullptr, bias ? bias + width + c : nullptr, factors,
        dy + r * width + c, target, target + width);
  });
}

void gated(Activation gate, int64_t rows, int64_t width, const double* x, const double* bias, const Dropout& dropout,
           double* y) {
  reference::gated(gate, rows, width, x, bias, dropout, y);
}

void gated_backward(Activation gate, int64_t rows, int64_t width, const double* x, const double* bias,
                    const Dropout& dropout, const double* dy, double* dx) {
  reference::gated_backward(gate, rows, width, x, bias, dropout, dy, dx);
}

}  // namespace heddle::kernels
#endif
