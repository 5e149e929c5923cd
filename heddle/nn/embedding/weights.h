#pragma once
// v = Σ_i w_i·v_i with a learned number for each source, which starts at 1 (as Peters et al. 2018, ELMo, weigh layers).
// Fixed ones stand in the sources: model.embedding.weight. O(n·d) a source, m weights.

#include "heddle/nn/embedding/fusion.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/scaled_sum.h"
#include "heddle/ops/workspace.h"

namespace heddle::nn::embeddings {

class Weights : public Fusion {
 public:
  static constexpr Idea kIdea = {.name = "weights",
                                 .formula = "Σ_i w_i·v_i, w learned",
                                 .cost = "O(nd) a source, m weights",
                                 .paper = "Peters et al. 2018 (ELMo)"};
  static constexpr bool kSideBySide = false;
  Weights(const Place& place, const FusionConfig& config) {
    for (int64_t i = 0; i < config.sources; ++i)
      weights_.push_back(place.parameters.declare({.name = fmt::format("{}.weight{}", place.name, i),
                                                   .role = "embedding",
                                                   .shape = {1},
                                                   .init = Init::ones()}));
  }

  Tensor fuse(const Pass& pass, std::span<const Tensor> parts, const Rows& rows) const override {
    Tensor sum = ops::new_zeros(parts[0].shape(), parts[0].dtype());
    for (size_t i = 0; i < parts.size(); ++i)
      sum = ops::scaled_sum(sum, parts[i], weight(weights_[i], pass).dense(), rows, {});
    return sum;
  }

 private:
  std::vector<ParameterId> weights_;
};

}  // namespace heddle::nn::embeddings
