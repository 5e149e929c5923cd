#pragma once
// Token ids → vectors: scale·table[id] + position, then dropout. [tokens] → [tokens, width].
//
// Positions are those of a scheme that adds a table to the token vectors (heddle/nn/position/).

#include <string>

#include "heddle/nn/position/factory.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/embedding.h"

namespace heddle::nn {

struct EmbeddingConfig {
  int64_t width = 0;
  int64_t vocab_size = 0;
  int64_t max_length = 1024;            // longest sequence
  std::string position = "sinusoidal";  // none, where a scheme acts elsewhere
  double scale = 1.0;                   // √width in the original model
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
  std::shared_ptr<const Position> position_;
};

}  // namespace heddle::nn
