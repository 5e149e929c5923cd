#pragma once
// B2·A2·relu(B1·A1·x + b1) + b2, A [rank, ·], B [·, rank]: each matrix of the network as a product of two thin ones
// (Sainath et al. 2013), for fewer weights. 4·n·r·(d + f) operations and 2·r·(d + f) weights: fewer than a full matrix
// has while r < d·f/(d + f). A full-rank factorization saves nothing.

#include "heddle/nn/feedforward/kind.h"
#include "heddle/nn/linear.h"

namespace heddle::nn::feedforward {

class LowRank : public Kind {
 public:
  static constexpr Idea kIdea = {.name = "low_rank",
                                 .formula = "B2·A2·max(0, B1·A1·x), rank r = model.ffn_rank",
                                 .cost = "4nr(d + f)",
                                 .paper = "Sainath et al. 2013"};
  static Cost cost(const FeedForwardConfig& config) {
    const int64_t r = rank_of(config);
    return {2 * r * (config.width + config.inner), config.inner + 2 * r};
  }
  static int64_t rank_of(const FeedForwardConfig& config) {
    return config.rank ? config.rank : std::max<int64_t>(1, std::min(config.width, config.inner) / 4);
  }

  LowRank(const Place& place, const FeedForwardConfig& config);
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const override;
  Tensor bias(const Pass& pass) const override { return dense_or_none(second_.bias, pass); }

 private:
  std::string neurons_point_;
  Dropout dropout_;
  ParameterId first_thin_, second_thin_;  // A1, A2
  Linear first_, second_;                 // B1, B2 with their biases
};

}  // namespace heddle::nn::feedforward
