#include "heddle/nn/feedforward/moe.h"

#include "heddle/nn/feedforward/factory.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/expert_exchange.h"
#include "heddle/ops/workspace.h"

namespace heddle::nn::feedforward {
namespace {

FeedForwardConfig of_expert(FeedForwardConfig config) {
  config.kind = config.experts.kind;
  return config;
}

}  // namespace

Cost Moe::cost(const FeedForwardConfig& config) {
  const int64_t experts = config.experts.count, k = config.experts.top_k;
  const Cost one = find(config.experts.kind).cost(of_expert(config));
  // The tokens of the experts, their results, and the router's probabilities.
  return {config.width * experts + k * one.products, k * (one.kept + 2 * config.width) + 2 * experts};
}

Moe::Moe(const Place& place, const FeedForwardConfig& config)
    : config_(config.experts),
      router_(place.parameters.declare({.name = place.name + ".router.weight",
                                        .role = "router",
                                        .shape = {config.experts.count, config.width},
                                        .init = Init::normal(0.02),  // nearly even at first
                                        .layer = place.layer})) {
  const Entry& kind = find(config.experts.kind);
  for (int64_t e = 0; e < config_.count; ++e)
    experts_.push_back(kind.make(place.at(fmt::format("experts.{}", e)), of_expert(config)));
}

Tensor Moe::forward(const Pass& pass, const Tensor& x, const Rows& rows) const {
  const Tensor logits = weight(router_, pass).product(x, {}, rows, {});
  const ops::Routing routing = ops::route(
      logits, rows,
      {.top_k = config_.top_k, .among_chosen = config_.among_chosen, .capacity = pass.training ? config_.capacity : 0});
  if (pass.training && pass.side_losses && config_.balance > 0)
    pass.side_losses->add(ops::balance_loss(logits, routing, rows, config_.balance));
  Tensor sum = ops::new_zeros(x.shape(), x.dtype());
  for (int64_t e = 0; e < config_.count; ++e) {
    if (routing.plan->rows_of(e) == 0) continue;
    const Kind& expert = *experts_[static_cast<size_t>(e)];
    const Rows meaning = routing.plan->meaning_of(e);
    Tensor result = expert.forward(pass, ops::rows_of_expert(x, routing, e, rows), meaning);
    if (const Tensor bias = expert.bias(pass); bias.defined()) result = ops::bias_activation(result, bias, meaning, {});
    sum = ops::add_of_expert(sum, result, routing, e, rows);
  }
  return sum;
}

}  // namespace heddle::nn::feedforward
