#pragma once
// Guided alignment: teaches one attention head to look where given alignments point (Chen et al.
// 2016; Garg et al. 2019), by a loss on its weights beside the training loss.
//
// Set as the probe of a training pass it keeps the head's queries and keys, which are on the tape;
// loss() is then seeded together with the training loss.

#include <string>

#include "heddle/nn/multi_head_attention.h"
#include "heddle/ops/alignment_loss.h"

namespace heddle::nn {

class GuidedAlignment : public Probe {
 public:
  // `attention`: a cross-attention, "decoder.layers.1.cross_attention", and its configuration.
  GuidedAlignment(const std::string& attention, const AttentionConfig& config, int head = 0);

  Tensor at(std::string_view point, const Tensor& value, const Rows& rows) override;

  // The loss of the pass that was probed last, times `scale`; once per pass, while its tape lives.
  ops::AlignmentLoss loss(const ops::Links& links, double scale);

 private:
  std::string query_point_, key_point_;
  ops::AlignmentLossOptions options_;
  Tensor query_, key_;
  Rows query_rows_, key_rows_;
};

}  // namespace heddle::nn
