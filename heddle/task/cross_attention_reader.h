#pragma once
// Reads how much each decoded token looks at each source token: the weights of the last decoder layer's
// cross-attention, mean over its heads.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heddle/model/config.h"
#include "heddle/nn/probe.h"

namespace heddle::task {

class CrossAttentionReader : public nn::Probe {
 public:
  // `next`: another probe that sees and may change everything first; outlives this.
  explicit CrossAttentionReader(const model::ModelConfig& config, nn::Probe* next = nullptr);
  CrossAttentionReader(CrossAttentionReader&&) = delete;
  ~CrossAttentionReader() override;

  // Weights over its source of row `row` of decoder sequence `sequence` in the last forward pass; they sum to 1.
  // Valid until the next pass.
  std::span<const float> row(int64_t sequence, int64_t row) const;

  Tensor at(std::string_view point, const Tensor& value, const Rows& rows) override;
  ops::AttentionProbe* attention(std::string_view name) override;

 private:
  class Mean;
  std::string name_;
  nn::Probe* next_;
  std::unique_ptr<Mean> mean_;
};

}  // namespace heddle::task
