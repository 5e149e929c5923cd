#include "heddle/nn/weight.h"

#include <algorithm>

#include "heddle/ops/tape.h"

namespace heddle::nn {

Tensor Weight::dense() const {
  Tensor weight = pass_.weights.of(id_);
  ops::Tape* tape = ops::Tape::current();
  if (tape && !pass_.frozen) weight = tape->leaf(weight, {&pass_.weights, id_});
  for (const auto& transform : pass_.parameters.transforms(id_))
    weight = transform->on_weight(weight, pass_);
  return weight;
}

Tensor Weight::product(const Tensor& x, const Tensor& bias, const Rows& rows,
                       const ops::LinearOptions& options) const {
  const auto transforms = pass_.parameters.transforms(id_);
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
