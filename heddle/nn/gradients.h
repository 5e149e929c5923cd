#pragma once
// Sinks for the gradients of a weight set: summed, or apart for every example.

#include <vector>

#include "heddle/nn/parameters.h"
#include "heddle/ops/tape.h"

namespace heddle::nn {

// The sum over the batch, in one flat tensor laid out like the weights. Adds up over backward
// passes until zero() is called.
class SummedGradients : public ops::GradientSink {
 public:
  SummedGradients(const Parameters& parameters, const WeightSet& weights);

  bool wants(const ops::Tape& tape, NodeId node) const override;
  Tensor slot(const ops::Tape& tape, NodeId node, int group) override;

  void zero();
  const Tensor& flat() const { return gradients_.flat(); }
  const Tensor& of(ParameterId id) const { return gradients_.of(id); }

 private:
  const Parameters& parameters_;
  const WeightSet& weights_;
  WeightSet gradients_;
};

// Σ x² of a gradient, or of all of them: sum_of_squares(gradients.flat()).
double sum_of_squares(const Tensor& gradient);

// One gradient per sequence of the batch.
class PerExampleGradients : public ops::GradientSink {
 public:
  PerExampleGradients(const Parameters& parameters, const WeightSet& weights);

  std::span<const int32_t> groups(const Rows& rows) const override { return rows.offsets; }
  bool wants(const ops::Tape& tape, NodeId node) const override;
  Tensor slot(const ops::Tape& tape, NodeId node, int group) override;

  int64_t examples() const { return static_cast<int64_t>(gradients_.size()); }
  const Tensor& of(int example, ParameterId id) const { return gradients_[static_cast<size_t>(example)].of(id); }

 private:
  const Parameters& parameters_;
  const WeightSet& weights_;
  std::vector<WeightSet> gradients_;
};

}  // namespace heddle::nn
