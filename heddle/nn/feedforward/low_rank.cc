#include "heddle/nn/feedforward/low_rank.h"

#include "heddle/nn/observer.h"

namespace heddle::nn::feedforward {
namespace {

ParameterId declare_thin(const Place& place, const std::string& part, int64_t rank, int64_t in, double gain) {
  return place.parameters.declare({.name = place.name + "." + part + ".weight",
                                   .role = "feed_forward",
                                   .shape = {rank, in},
                                   .init = Init::xavier(gain),
                                   .layer = place.layer});
}

}  // namespace

LowRank::LowRank(const Place& place, const FeedForwardConfig& config)
    : neurons_point_(place.name + ".neurons"),
      dropout_(neurons_point_, config.dropout),
      first_thin_(declare_thin(place, "first_thin", rank_of(config), config.width, 1.0)),
      second_thin_(declare_thin(place, "second_thin", rank_of(config), config.inner, 1.0)),
      first_(Linear::declare(place.parameters, place.name + ".first", "feed_forward", place.layer, rank_of(config),
                             config.inner, config.start.inner)),
      second_(Linear::declare(place.parameters, place.name + ".second", "feed_forward", place.layer, rank_of(config),
                              config.width, config.start.last)) {}

Tensor LowRank::forward(const Pass& pass, const Tensor& x, const Rows& rows) const {
  const Tensor thin = weight(first_thin_, pass).product(x, {}, rows, {.compute = pass.compute});
  Tensor neurons =
      first_.forward(pass, thin, rows, {.activation = kernels::Activation::relu, .dropout = dropout_.fused(pass)});
  neurons = dropout_.after(pass, neurons, rows);
  if (observer(pass)) neurons = observer(pass)->at(neurons_point_, neurons, rows);
  return second_.product(pass, weight(second_thin_, pass).product(neurons, {}, rows, {.compute = pass.compute}), rows);
}

}  // namespace heddle::nn::feedforward
