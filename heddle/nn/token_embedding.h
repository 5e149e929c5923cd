#pragma once
// Token ids → vectors: scale·vector of the token + position, then dropout. [tokens] → [tokens, width].
//
// Vectors are those of a table, of another source or of several (heddle/nn/embedding/); positions those of a scheme
// that adds a table to them (heddle/nn/position/).

#include <string>
#include <vector>

#include "heddle/nn/dropout/dropout.h"
#include "heddle/nn/embedding/fusion.h"
#include "heddle/nn/embedding/source.h"
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
  DropoutConfig dropout = {};
  std::vector<EmbeddingSourceConfig> sources = {};  // none: a table
  std::string fusion = "sum";                       // of several
  int64_t domains = 0;                              // of texts, of fusion domains

  // Whether it is a table and nothing else, which is looked up together with positions.
  bool is_table() const { return sources.empty(); }
  // Whether an output layer may share it: a table, or one in two factors.
  bool can_be_tied() const { return is_table() || (sources.size() == 1 && sources[0].kind == "factorised"); }
};

class TokenEmbedding {
 public:
  // `table`: an existing table to share, or kNoParameter to declare name.weight. Other sources are declared as
  // name.source0, ….
  TokenEmbedding(Parameters& parameters, const std::string& name, const EmbeddingConfig& config,
                 ParameterId table = kNoParameter);

  Tensor forward(const Pass& pass, std::span<const int32_t> ids, const Rows& rows) const;

  // kNoParameter: the vectors are of other sources.
  ParameterId table() const { return table_; }
  // What an output layer may share.
  TiedOutput tied_output() const;
  // Of a new model: what the sources must know of the tokens becomes numbers of their weights.
  void learn_tokens(const TokenFacts& facts, WeightSet& weights) const;
  int64_t max_length() const { return config_.max_length; }

 private:
  void make_sources(Parameters& parameters);
  Tensor fused(const Pass& pass, std::span<const int32_t> ids, const Rows& rows) const;

  std::string name_;
  EmbeddingConfig config_;
  Dropout dropout_;
  ParameterId table_;
  std::vector<std::unique_ptr<embeddings::Source>> sources_;
  std::unique_ptr<embeddings::Fusion> fusion_;  // null: one source
  std::shared_ptr<const Position> position_;
};

}  // namespace heddle::nn
