#include "heddle/nn/feed_forward.h"

namespace heddle::nn {

FeedForward::FeedForward(Parameters& parameters, const std::string& name, int layer, const FeedForwardConfig& config)
    : name_(name),
      neurons_point_(name + ".neurons"),
      dropout_site_(site_id(neurons_point_)),
      config_(config),
      first_(Linear::declare(parameters, name + ".first", "feed_forward", layer, config.width, config.inner)),
      second_(Linear::declare(parameters, name + ".second", "feed_forward", layer, config.inner, config.width)) {}

Tensor FeedForward::forward(const Pass& pass, const Tensor& x, const Rows& rows) const {
  Tensor neurons = first_.forward(
      pass, x, rows, {.activation = config_.activation, .dropout = pass.dropout(dropout_site_, config_.dropout)});
  if (pass.probe) neurons = pass.probe->at(neurons_point_, neurons, rows);
  return second_.product(pass, neurons, rows);
}

}  // namespace heddle::nn
