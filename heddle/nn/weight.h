#pragma once
// The one door to a weight: a lease on it for one use in a pass.
//
// A weight may carry a chain of transforms (low-rank update, mask, fake quantization, noise, adapter per
// sequence). One that acts on the weight changes what dense() gives; one that acts on the product
// changes what product() gives, and needs no dense weight.

#include <memory>

#include "heddle/nn/pass.h"
#include "heddle/ops/linear.h"

namespace heddle::nn {

class WeightTransform {
 public:
  virtual ~WeightTransform() = default;
  virtual Tensor on_weight(const Tensor& weight, const Pass&) const { return weight; }
  // y = x·Wᵀ as computed so far; `rows` tells the sequences apart.
  virtual Tensor on_product(const Tensor& /*x*/, const Tensor& y, const Rows&, const Pass&) const { return y; }
  // Whether on_product() does anything; then bias and activation follow after it.
  virtual bool acts_on_product() const { return false; }
};

class Weight {
 public:
  Weight(ParameterId id, const Pass& pass) : id_(id), pass_(pass) {}

  // The weight after its transforms, on the tape of this pass.
  Tensor dense() const;
  // activation(x·Wᵀ + bias), then dropout; x [tokens, in] → [tokens, out].
  Tensor product(const Tensor& x, const Tensor& bias, const Rows& rows, const ops::LinearOptions& options) const;

 private:
  ParameterId id_;
  const Pass& pass_;
};

inline Weight weight(ParameterId id, const Pass& pass) { return {id, pass}; }

// The dense weight, or an undefined tensor for kNoParameter (an absent bias).
Tensor dense_or_none(ParameterId id, const Pass& pass);

}  // namespace heddle::nn
