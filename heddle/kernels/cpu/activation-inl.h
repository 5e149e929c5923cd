// Activations and their slopes on vectors of floats; see heddle/kernels/activation.h. The exact gelu is not among them.

#if defined(HEDDLE_ACTIVATION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef HEDDLE_ACTIVATION_INL_H
#undef HEDDLE_ACTIVATION_INL_H
#else
#define HEDDLE_ACTIVATION_INL_H
#endif

#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>
#include "heddle/kernels/activation.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Φ(x)'s error function by Abramowitz & Stegun 7.1.26 is too coarse (1.5e-7 absolute but in double);
// tanh and σ come from exp, whose error Highway bounds to 1 ulp.
template <class D, class V>
HWY_INLINE V sigmoid(D d, V x) {
  const auto one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, hn::Exp(d, hn::Min(hn::Neg(x), hn::Set(d, 87.0f)))));
}

template <class D, class V>
HWY_INLINE V activate(D d, Activation activation, V x) {
  switch (activation) {
    // A maximum with zero would turn a NaN into zero.
    case Activation::relu: return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x);
    case Activation::squared_relu: return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), hn::Mul(x, x));
    case Activation::silu: return hn::Mul(x, sigmoid(d, x));
    case Activation::gelu_tanh: {
      const auto cubic = hn::Mul(hn::Mul(x, x), hn::Mul(x, hn::Set(d, 0.044715f)));
      const auto inner = hn::Mul(hn::Set(d, 2 * 0.79788456f), hn::Add(x, cubic));
      return hn::Mul(x, sigmoid(d, inner));  // (1 + tanh z) / 2 = σ(2z)
    }
    default: return x;
  }
}

template <class D, class V>
HWY_INLINE V slope(D d, Activation activation, V value) {
  const auto one = hn::Set(d, 1.0f);
  // Slopes are 0 or 1 long before ±50; beyond, products with 1 - σ = 0 may overflow.
  const auto x = hn::Clamp(value, hn::Set(d, -50.0f), hn::Set(d, 50.0f));
  switch (activation) {
    case Activation::relu: return hn::IfThenElseZero(hn::Gt(x, hn::Zero(d)), one);
    case Activation::squared_relu: return hn::IfThenElseZero(hn::Gt(value, hn::Zero(d)), hn::Add(value, value));
    case Activation::silu: {
      const auto s = sigmoid(d, x);
      return hn::Mul(s, hn::MulAdd(x, hn::Sub(one, s), one));
    }
    case Activation::gelu_tanh: {
      const auto square = hn::Mul(x, x);
      const auto inner =
          hn::Mul(hn::Mul(hn::Set(d, 2 * 0.79788456f), x), hn::MulAdd(square, hn::Set(d, 0.044715f), one));
      const auto s = sigmoid(d, inner);
      const auto rate = hn::Mul(hn::Set(d, 2 * 0.79788456f), hn::MulAdd(square, hn::Set(d, 3 * 0.044715f), one));
      return hn::Mul(s, hn::MulAdd(hn::Mul(x, hn::Sub(one, s)), rate, one));
    }
    default: return one;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#endif
