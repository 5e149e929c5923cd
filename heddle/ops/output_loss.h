#pragma once
// The output layer and its cross-entropy in one operation that never holds all logits.
//
// logits = x·Wᵀ + b are made for a chunk of rows at a time, turned into the loss and at once into their
// gradient. With TapeOptions::eager_sink the forward pass adds dW to it and leaves dx behind; otherwise
// the backward pass makes the logits again.
// Label smoothing (Szegedy et al. 2016) in two conventions: ε spread over all n classes, or over the
// n-1 wrong ones.

#include <span>

#include "heddle/kernels/cross_entropy.h"
#include "heddle/ops/compute.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

struct OutputLossOptions {
  double smoothing = 0.0;
  kernels::Smoothing convention = kernels::Smoothing::over_all;
  double scale = 1.0;  // of the loss, e.g. 1 / target tokens of the whole batch
  Compute compute = Compute::f32;
};

struct OutputLoss {
  Tensor loss;          // scalar (shape [1]), Σ over rows · scale, on the tape
  double loss_sum = 0;  // Σ over rows of the (smoothed) loss, in nats
  double nll_sum = 0;   // Σ over rows of -log p(target), without smoothing
  int64_t tokens = 0;   // rows that count: target >= 0
  int64_t correct = 0;  // rows whose most probable class is the target
};

// x [tokens, width], weight [vocab, width], bias [vocab] or undefined; targets [tokens], -1: ignored.
OutputLoss output_loss(const Tensor& x, const Tensor& weight, const Tensor& bias, std::span<const int32_t> targets,
                       const Rows& rows, const OutputLossOptions& options);

}  // namespace heddle::ops
