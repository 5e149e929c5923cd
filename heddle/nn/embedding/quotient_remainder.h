#pragma once
// v = Q[id div B] ⊙ R[id mod B]: two small tables whose pair of rows is each token's own (Shi et al. 2020,
// "Compositional embeddings using complementary partitions"). (V/B + B)·d weights, least at B = √V; O(n·d).

#include <cmath>

#include "heddle/nn/embedding/mapped_ids.h"
#include "heddle/nn/embedding/table_of.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/elementwise_product.h"
#include "heddle/ops/embedding.h"

namespace heddle::nn::embeddings {

class QuotientRemainder : public Source {
 public:
  static constexpr Idea kIdea = {.name = "quotient_remainder",
                                 .formula = "Q[id div B] ⊙ R[id mod B]",
                                 .cost = "O(nd), (V/B + B)d weights",
                                 .paper = "Shi et al. 2020"};
  static int64_t buckets_of(const EmbeddingSourceConfig& config) {
    const auto root = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(config.vocab_size))));
    return config.buckets ? config.buckets : std::max<int64_t>(1, root);
  }
  QuotientRemainder(const Place& place, const EmbeddingSourceConfig& config)
      : vocab_size_(config.vocab_size),
        buckets_(buckets_of(config)),
        quotients_(declare_table(place, "quotient", (config.vocab_size + buckets_ - 1) / buckets_, config.width,
                                 config.width)),
        remainders_(declare_table(place, "remainder", buckets_, config.width, 1)) {}  // of size 1: a factor

  Tensor vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const override {
    Tensor of_quotients, of_remainders;
    const auto quotients = mapped_ids(ids, vocab_size_, of_quotients, [&](int64_t id) { return id / buckets_; });
    const auto remainders = mapped_ids(ids, vocab_size_, of_remainders, [&](int64_t id) { return id % buckets_; });
    return ops::elementwise_product(ops::embed(quotients, weight(quotients_, pass).dense(), scale, {}, rows, {}),
                                    ops::embed(remainders, weight(remainders_, pass).dense(), 1.0, {}, rows, {}), rows);
  }

 private:
  int64_t vocab_size_, buckets_;
  ParameterId quotients_, remainders_;
};

}  // namespace heddle::nn::embeddings
