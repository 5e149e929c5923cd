// Activations and their slopes on vectors of floats; see heddle/kernels/activation.h.

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

// tanh and σ come from exp, whose error Highway bounds to 1 ulp.
template <class D, class V>
HWY_INLINE V sigmoid(D d, V x) {
  const auto one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, hn::Exp(d, hn::Min(hn::Neg(x), hn::Set(d, 87.0f)))));
}

// φ(x) = e^(-x²/2)/√(2π) and Φ(x), the share of it below x. The tail Φ(-|x|) is φ(x)'s exponential times t·P(t) with
// t = 1/(1 + 0.21·|x|): Cody's form (1969) of the complementary error function, which keeps small tails exact.
// tools/fit_normal_tail.py makes the constants; their relative error is 3e-8.
template <class V>
struct Normal {
  V density, below;
};

template <class D, class V>
HWY_INLINE Normal<V> normal(D d, V x) {
  constexpr float kTail[] = {0.0837077051f, 0.0851293951f, 0.0687901452f, 0.126354724f,  -0.0972447246f,
                             0.354032189f,  -0.334188342f, 0.285452753f,  -0.0720338449f};
  const auto one = hn::Set(d, 1.0f);
  const auto power = hn::Max(hn::Mul(hn::Mul(x, x), hn::Set(d, -0.5f)), hn::Set(d, -87.0f));
  const auto exponential = hn::Exp(d, power);
  const auto t = hn::Div(one, hn::MulAdd(hn::Abs(x), hn::Set(d, 0.21f), one));
  auto sum = hn::Set(d, kTail[8]);
  for (int i = 7; i >= 0; --i) sum = hn::MulAdd(sum, t, hn::Set(d, kTail[i]));
  const auto tail = hn::Mul(hn::Mul(exponential, t), sum);
  return {hn::Mul(exponential, hn::Set(d, 0.39894228f)),
          hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(one, tail))};
}

template <class D, class V>
HWY_INLINE V activate(D d, Activation activation, V x) {
  switch (activation) {
    // A maximum with zero would turn a NaN into zero.
    case Activation::relu: return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x);
    case Activation::squared_relu: return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), hn::Mul(x, x));
    case Activation::silu: return hn::Mul(x, sigmoid(d, x));
    case Activation::gelu: return hn::Mul(x, normal(d, x).below);
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
    case Activation::gelu: {
      const auto at = normal(d, x);
      return hn::MulAdd(x, at.density, at.below);
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
