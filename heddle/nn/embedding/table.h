#pragma once
// v = E[id], a row of its own for each token (Bengio et al. 2003). V·d weights. Alone it is looked up together with
// positions and dropout, and the output layer may share it; as a source it stands beside others.

#include "heddle/nn/embedding/table_of.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/embedding.h"

namespace heddle::nn::embeddings {

class Table : public Source {
 public:
  static constexpr Idea kIdea = {
      .name = "table", .formula = "E[id]", .cost = "O(nd), Vd weights", .paper = "Bengio et al. 2003"};
  Table(const Place& place, const EmbeddingSourceConfig& config)
      : table_(declare_table(place, "table", config.vocab_size, config.width, config.width)) {}

  Tensor vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const override {
    return ops::embed(ids, weight(table_, pass).dense(), scale, {}, rows, {});
  }

 private:
  ParameterId table_;
};

}  // namespace heddle::nn::embeddings
