#pragma once
// Token ids → vectors: scale·table[id] + position, then dropout. [tokens] → [tokens, width].
//
// Positions are sinusoidal (Vaswani et al. 2017, section 3.5), a learned table, or none.

#include <string>

#include "heddle/nn/weight.h"
#include "heddle/ops/embedding.h"

namespace heddle::nn {

enum class PositionKind : uint8_t { sinusoidal, learned, none };

struct EmbeddingConfig {
  int64_t width = 0;
  int64_t vocab_size = 0;
  int64_t max_length = 1024;  // rows of the position table
  PositionKind position = PositionKind::sinusoidal;
  double scale = 1.0;  // √width in the original model
  double dropout = 0.0;
};

class TokenEmbedding {
 public:
  // `table`: an existing table to share, or kNoParameter to declare name.weight.
  TokenEmbedding(Parameters& parameters, const std::string& name, const EmbeddingConfig& config,
                 ParameterId table = kNoParameter);

  Tensor forward(const Pass& pass, std::span<const int32_t> ids, const Rows& rows) const;

  ParameterId table() const { return table_; }
  int64_t max_length() const { return config_.max_length; }

 private:
  std::string name_;
  EmbeddingConfig config_;
  uint64_t dropout_site_;
  ParameterId table_;
  ParameterId learned_positions_ = kNoParameter;
  Tensor fixed_f32_, fixed_f64_;  // sinusoidal tables, [max_length, width]
};

}  // namespace heddle::nn
