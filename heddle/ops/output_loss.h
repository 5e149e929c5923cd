#pragma once
// The output layer and its cross-entropy in one operation that never holds all logits.
//
// logits = x·Wᵀ + b are made for a chunk of rows at a time, turned into the loss and at once into their
// gradient. With TapeOptions::eager_sink the forward pass adds dW to it and leaves dx behind; otherwise
// the backward pass makes the logits again.
// Label smoothing (Szegedy et al. 2016) in two conventions: ε spread over all n classes, or over the
// n-1 wrong ones.
// With `consistency` the rows are a batch twice, each copy with its own dropout, and the two predictions of a
// token are drawn together (R-Drop, Liang et al. 2021).

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
  // α of R-Drop. Above 0, row r + rows/2 is row r once more, and α/2·(KL(p||q) + KL(q||p)) is added for each pair.
  double consistency = 0.0;
  Compute compute = Compute::f32;
};

struct OutputLoss {
  Tensor loss;          // scalar (shape [1]), Σ over rows · scale, on the tape
  double loss_sum = 0;  // Σ over rows of the (smoothed) loss, in nats
  double nll_sum = 0;   // Σ over rows of -log p(target), without smoothing
  int64_t tokens = 0;   // rows that count: target >= 0
  int64_t correct = 0;  // rows whose most probable class is the target
};

// x [tokens, width], weight [vocab, width], bias [vocab] or undefined; targets [tokens], -1: ignored. With
// `consistency` there are no gradients by group: a pair lies in two.
OutputLoss output_loss(const Tensor& x, const Tensor& weight, const Tensor& bias, std::span<const int32_t> targets,
                       const Rows& rows, const OutputLossOptions& options);

}  // namespace heddle::ops
