#include "heddle/nn/weight.h"

#include <algorithm>

#include "heddle/ops/tape.h"

namespace heddle::nn {
namespace {

// Inference on few rows: there a product spends most of its time on the weight's layout.
bool runs_packed(const Tensor& x, const ops::LinearOptions& options) {
  return ops::Tape::current() == nullptr && x.dtype() == DType::f32 && options.compute == ops::Compute::f32 &&
         x.rows() > 0 && kernels::PackedWeight::bucket(x.rows()) > 0;
}

}  // namespace

Tensor Weight::dense() const {
  Tensor weight = pass_.weights.of(id_);
  ops::Tape* tape = ops::Tape::current();
  if (tape && !pass_.frozen) weight = tape->leaf(weight, {&pass_.weights, id_});
  for (const auto& transform : pass_.parameters.transforms(id_)) weight = transform->on_weight(weight, pass_);
  return weight;
}

Tensor Weight::product(const Tensor& x, const Tensor& bias, const Rows& rows, const ops::LinearOptions& options) const {
  const auto transforms = pass_.parameters.transforms(id_);
  if (transforms.empty() && runs_packed(x, options))
    return ops::packed_linear(x, pass_.weights.packed(id_), bias, rows, options);
  const bool plain = std::ranges::none_of(transforms, [](const auto& t) { return t->acts_on_product(); });
  if (plain) return ops::linear(x, dense(), bias, rows, options);
  Tensor y = ops::linear(x, dense(), {}, rows, {.compute = options.compute});
  for (const auto& transform : transforms) y = transform->on_product(x, y, rows, pass_);
  return ops::bias_activation(y, bias, rows, options);
}

Tensor dense_or_none(ParameterId id, const Pass& pass) {
  return id == kNoParameter ? Tensor() : weight(id, pass).dense();
}

}  // namespace heddle::nn
