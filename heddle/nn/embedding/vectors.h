#pragma once
// v = E[id], or P·E[id], E the vectors of a file of words (word2vec, GloVe, fastText .vec: heddle/text/word_vectors/)
// as far as tokens are words: fixed, a source to be fused with others, or the start of a table that learns
// (model.embedding .frozen = false) (Collobert et al. 2011; Qi et al. 2018). Tokens without a vector are drawn like the
// others.
//
// model.embedding.rank is the width of the file's vectors where that is not the source's width; then P [d, rank]
// follows. V·rank numbers, fixed or weights, and d·rank weights of P; O(n·d), with P O(n·d·rank). The file is read when
// a model is new; a stored model holds E.

#include "heddle/nn/embedding/table_of.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/embedding.h"

namespace heddle::nn::embeddings {

class Vectors : public Source {
 public:
  static constexpr Idea kIdea = {.name = "vectors",
                                 .formula = "E[id] or P·E[id], E from a file",
                                 .cost = "O(nd), with P 2nrd and rd weights",
                                 .paper = "Collobert et al. 2011"};
  Vectors(const Place& place, const EmbeddingSourceConfig& config)
      : file_(config.file), width_(config.rank ? config.rank : config.width) {
    table_ = place.parameters.declare({.name = place.name + ".table.weight",
                                       .role = "embedding",
                                       .shape = {config.vocab_size, width_},
                                       .init = Init::normal(1 / std::sqrt(static_cast<double>(width_))),
                                       .trainable = !config.frozen});
    if (config.rank) projection_ = declare_table(place, "projection", config.width, width_, config.width);
  }

  Tensor vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const override {
    const Tensor found = ops::embed(ids, weight(table_, pass).dense(), scale, {}, rows, {});
    if (projection_ == kNoParameter) return found;
    return weight(projection_, pass).product(found, {}, rows, {.compute = pass.compute});
  }

  void learn_tokens(const TokenFacts& facts, WeightSet& weights) const override {
    if (!facts.vectors) return;
    const std::vector<float> found = facts.vectors(file_, width_);
    const Tensor& table = weights.of(table_);
    HEDDLE_CHECK(std::ssize(found) == table.count(), "{} numbers of vectors for a table {}", found.size(),
                 table.shape().text());
    copy_into(Tensor::from<float>({table.rows(), table.width()}, found), table);
    weights.touch();
  }

 private:
  std::string file_;
  int64_t width_;
  ParameterId table_ = kNoParameter, projection_ = kNoParameter;
};

}  // namespace heddle::nn::embeddings
