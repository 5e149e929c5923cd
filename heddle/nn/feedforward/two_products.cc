#include "heddle/nn/feedforward/two_products.h"

#include "heddle/nn/observer.h"

namespace heddle::nn::feedforward {

TwoProducts::TwoProducts(const Place& place, const FeedForwardConfig& config, int64_t first_rows)
    : first_(Linear::declare(place.parameters, place.name + ".first", "feed_forward", place.layer, config.width,
                             first_rows, config.start.inner, config.inner)),
      second_(Linear::declare(place.parameters, place.name + ".second", "feed_forward", place.layer, config.inner,
                              config.width, config.start.last)),
      neurons_point_(place.name + ".neurons"),
      dropout_(neurons_point_, config.dropout) {}

Tensor TwoProducts::forward(const Pass& pass, const Tensor& x, const Rows& rows) const {
  Tensor active = dropout_.after(pass, neurons(pass, x, rows, dropout_.fused(pass)), rows);
  if (observer(pass)) active = observer(pass)->at(neurons_point_, active, rows);
  return second_.product(pass, active, rows);
}

}  // namespace heddle::nn::feedforward
