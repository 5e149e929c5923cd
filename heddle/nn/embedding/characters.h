#pragma once
// v = highway([relu(max_p F_1·x_p + b); …; relu(max_p F_K·x_{p…p+K-1} + b)]): filters of 1 to K characters over the
// characters x_1 … x_L of a token's text, each where it answers most, then one highway layer t⊙relu(W·y + b) +
// (1 - t)⊙y, t = σ(W_t·y + b_t) (Kim et al. 2016, "Character-aware neural language models"; ReLU as in ELMo, Peters et
// al. 2018). Characters are bytes of UTF-8 between a begin and an end mark; longer texts are cut.
//
// The texts come from the tokenizer when a model is new, and stay in the model as fixed weights [V, L + 2] of codes; a
// token that nobody told about has its number as text. O(n·L·K²·c·d/K) operations of characters of width c, and 4·n·d²;
// 259·c + (K + 1)·c·d/2 + 2·d² weights.

#include <vector>

#include "heddle/nn/embedding/source.h"
#include "heddle/nn/linear.h"

namespace heddle::nn::embeddings {

class Characters : public Source {
 public:
  static constexpr Idea kIdea = {.name = "characters",
                                 .formula = "highway([relu(max_p F_k·[x_p … x_{p+k-1}] + b)]_k) of a token's bytes",
                                 .cost = "O(nLKcd + nd²), no weights of the tokens'",
                                 .paper = "Kim et al. 2016"};
  Characters(const Place& place, const EmbeddingSourceConfig& config);
  Tensor vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const override;
  void learn_tokens(const TokenFacts& facts, WeightSet& weights) const override;

  // Bytes from 3 on.
  static constexpr int32_t kFill = 0, kBegin = 1, kEnd = 2, kCodes = 3 + 256;

 private:
  std::span<const int32_t> codes_of(const Pass& pass, std::span<const int32_t> ids, Tensor& memory) const;
  Tensor highway(const Pass& pass, const Tensor& y, double scale, const Rows& rows) const;

  int64_t vocab_size_, length_;
  ParameterId codes_, table_;
  std::vector<ParameterId> filters_, biases_;  // of 1, 2, … characters
  Linear carry_, change_;
};

}  // namespace heddle::nn::embeddings
