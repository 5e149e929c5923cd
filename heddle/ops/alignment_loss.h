#pragma once
// A loss that compares the weights of one attention head with given alignments, differentiable
// (Garg et al. 2019, "Jointly Learning to Align and Translate with Transformer Models",
// section 3.3).
//
//   L = -scale · Σ_t mean_{s linked to t} log p_ts,  p_t = softmax_s(score_scale · q_t·k_s),
//
// over the target tokens t that have links. At the scores its gradient is p_ts minus the links'
// share.

#include <span>

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// Which source tokens each target token is linked to. The arrays belong to the batch and outlive
// the tape.
struct Links {
  std::span<const int32_t> offsets;  // [target tokens + 1]; a token without links does not count
  std::span<const int32_t> places;   // [links], the source token's place in its sequence
};

struct AlignmentLossOptions {
  int heads = 1;
  int head = 0;            // the one that is compared
  double score_scale = 1;  // as in the attention itself
  double scale = 1;        // of the loss, e.g. weight / linked tokens of the batch
};

struct AlignmentLoss {
  Tensor loss;          // scalar (shape [1]), on the tape
  double loss_sum = 0;  // without the scale, in nats
  int64_t tokens = 0;   // that have links
};

// q [target tokens, heads·width], k [source tokens, heads·width]; sequence i of q reads sequence i
// of k.
AlignmentLoss alignment_loss(const Tensor& q, const Tensor& k, const Rows& query_rows, const Rows& key_rows,
                             const Links& links, const AlignmentLossOptions& options);

}  // namespace heddle::ops
