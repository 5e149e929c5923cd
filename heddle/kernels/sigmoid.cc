#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/sigmoid.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <cmath>

#include <hwy/contrib/math/math-inl.h>
#include "heddle/kernels/sigmoid.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE void sigmoids_at(D d, float* x) {
  // Past 88 e^x leaves the type's numbers, and σ is as good as nothing. Exp makes 0 of what is no number.
  const auto number = hn::LoadU(d, x), one = hn::Set(d, 1.0f);
  const auto fall = hn::Exp(d, hn::Min(hn::Neg(number), hn::Set(d, 88.0f)));
  hn::StoreU(hn::IfThenElse(hn::IsNaN(number), number, hn::Div(one, hn::Add(one, fall))), d, x);
}

void Sigmoids(float* x, size_t count) {
  const hn::ScalableTag<float> whole;
  const hn::CappedTag<float, 1> single;
  size_t i = 0;
  for (; i + hn::Lanes(whole) <= count; i += hn::Lanes(whole)) sigmoids_at(whole, x + i);
  for (; i < count; ++i) sigmoids_at(single, x + i);
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(Sigmoids);

void sigmoids(std::span<float> x) { HWY_DYNAMIC_DISPATCH(Sigmoids)(x.data(), x.size()); }
void sigmoids(std::span<double> x) {
  for (double& each : x) each = 1 / (1 + std::exp(-each));
}

}  // namespace heddle::kernels
#endif
