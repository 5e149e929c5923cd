#pragma once
// v = Σ_i p_i·v_i, p = softmax_i(a_i·v_i): each source says itself how much a token should take of it (Kiela et al.
// 2018, "Dynamic meta-embeddings"). 2·n·m·d operations, m·d weights.

#include "heddle/nn/embedding/weighed_sources.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/concatenate.h"

namespace heddle::nn::embeddings {

class Attention : public Fusion {
 public:
  static constexpr Idea kIdea = {.name = "attention",
                                 .formula = "Σ_i p_i·v_i, p = softmax_i(a_i·v_i)",
                                 .cost = "2nmd, md weights",
                                 .paper = "Kiela et al. 2018"};
  static constexpr bool kSideBySide = false;
  Attention(const Place& place, const FusionConfig& config) {
    for (int64_t i = 0; i < config.sources; ++i)
      queries_.push_back(place.parameters.declare({.name = fmt::format("{}.query{}.weight", place.name, i),
                                                   .role = "embedding",
                                                   .shape = {1, config.width},
                                                   .init = Init::xavier()}));
  }

  Tensor fuse(const Pass& pass, std::span<const Tensor> parts, const Rows& rows) const override {
    Tensor scores;
    for (size_t i = 0; i < parts.size(); ++i) {
      const Tensor one = weight(queries_[i], pass).product(parts[i], {}, rows, {});
      scores = scores.defined() ? ops::concatenate(scores, one, rows) : one;
    }
    return weighed_sources(parts, scores, rows);
  }

 private:
  std::vector<ParameterId> queries_;
};

}  // namespace heddle::nn::embeddings
