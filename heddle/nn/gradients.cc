#include "heddle/nn/gradients.h"

#include <cstring>

#include "heddle/kernels/optimizer.h"
#include "heddle/ops/dispatch.h"

namespace heddle::nn {
namespace {

bool is_trainable_leaf(const Parameters& parameters, const WeightSet& weights, ops::LeafKey key) {
  return key.owner == &weights && parameters.info(key.index).trainable;
}

}  // namespace

SummedGradients::SummedGradients(const Parameters& parameters, const WeightSet& weights)
    : parameters_(parameters), weights_(weights), gradients_(parameters, weights.dtype()) {}

bool SummedGradients::wants(const ops::Tape& tape, NodeId node) const {
  return is_trainable_leaf(parameters_, weights_, tape.key_of(node));
}

Tensor SummedGradients::slot(const ops::Tape& tape, NodeId node, int) { return gradients_.of(tape.key_of(node).index); }

void SummedGradients::zero() {
  std::memset(gradients_.flat().raw(), 0, static_cast<size_t>(gradients_.flat().bytes()));
}

double sum_of_squares(const Tensor& gradient) {
  return ops::with_real_type(gradient.dtype(),
                             [&]<class T>(T) { return kernels::sum_of_squares(gradient.count(), gradient.data<T>()); });
}

PerExampleGradients::PerExampleGradients(const Parameters& parameters, const WeightSet& weights)
    : parameters_(parameters), weights_(weights) {}

bool PerExampleGradients::wants(const ops::Tape& tape, NodeId node) const {
  return is_trainable_leaf(parameters_, weights_, tape.key_of(node));
}

Tensor PerExampleGradients::slot(const ops::Tape& tape, NodeId node, int group) {
  while (gradients_.size() <= static_cast<size_t>(group)) gradients_.emplace_back(parameters_, weights_.dtype());
  return gradients_[static_cast<size_t>(group)].of(tape.key_of(node).index);
}

}  // namespace heddle::nn
