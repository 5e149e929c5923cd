#pragma once
// Mixture of experts: y_t = Σ over the k experts e chosen for token t: g_te·E_e(x_t), each expert a feed-forward
// network of its own, of any other kind (Shazeer et al. 2017; Fedus et al. 2021, "Switch Transformers").
//
// The router gives each token p = softmax(R·x) over the experts; the k most probable are chosen, and weigh their
// results by p, or by p over the sum of the chosen (heddle/ops/expert_routing.h). It computes in f32 (f64 in tests)
// whatever the precision of products, since a rounding may choose another expert. Each expert gets its tokens side by
// side: k products of inner width f a token, 4·n·k·d·f + 2·n·d·E operations, E experts' weights and d·E of the router.
// No token is dropped unless a capacity says so, and then in training alone.
//
// While training, balance·E·Σ_e f_e·P_e goes to the side losses of the pass: least where experts get as many tokens
// each.

#include <vector>

#include "heddle/nn/feedforward/kind.h"

namespace heddle::nn::feedforward {

class Moe : public Kind {
 public:
  static constexpr Idea kIdea = {.name = "moe",
                                 .formula = "Σ_e g_e·E_e(x) over the k greatest of softmax(R·x)",
                                 .cost = "k times an expert's + 2ndE, E times its weights",
                                 .paper = "Shazeer et al. 2017; Fedus et al. 2021"};
  static Cost cost(const FeedForwardConfig& config);

  Moe(const Place& place, const FeedForwardConfig& config);
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const override;
  Tensor bias(const Pass&) const override { return {}; }  // each expert adds its own

 private:
  ExpertsConfig config_;
  ParameterId router_;
  std::vector<std::unique_ptr<Kind>> experts_;
};

}  // namespace heddle::nn::feedforward
