#pragma once
// v = P·E[id], E [V, r] and P [d, r] (Lan et al. 2020, ALBERT): V·r + r·d weights in place of V·d. O(n·r·d). An output
// layer that is tied to it reads both the other way: logits E·Pᵀ·x, 2·n·r·(d + V) operations.

#include "heddle/nn/embedding/table_of.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/embedding.h"

namespace heddle::nn::embeddings {

class Factorised : public Source {
 public:
  static constexpr Idea kIdea = {.name = "factorised",
                                 .formula = "P·E[id], E V×r, P d×r",
                                 .cost = "2nrd, r(V + d) weights",
                                 .paper = "Lan et al. 2020 (ALBERT)"};
  static int64_t rank_of(const EmbeddingSourceConfig& config) {
    return config.rank ? config.rank : std::max<int64_t>(1, config.width / 4);
  }
  Factorised(const Place& place, const EmbeddingSourceConfig& config)
      : table_(declare_table(place, "table", config.vocab_size, rank_of(config), rank_of(config))),
        projection_(declare_table(place, "projection", config.width, rank_of(config), config.width)) {}

  Tensor vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const override {
    const Tensor thin = ops::embed(ids, weight(table_, pass).dense(), scale, {}, rows, {});
    return weight(projection_, pass).product(thin, {}, rows, {.compute = pass.compute});
  }

  TiedOutput tied_output() const override { return {table_, projection_}; }

 private:
  ParameterId table_, projection_;
};

}  // namespace heddle::nn::embeddings
