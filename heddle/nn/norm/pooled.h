#pragma once
// What the norms share whose mean and variance are taken over many rows (ops/pooled_norm.h).

#include "heddle/nn/norm/declare.h"
#include "heddle/nn/norm/norm.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/pooled_norm.h"

namespace heddle::nn::norms {

class Pooled : public Norm {
 public:
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const override {
    return ops::pooled_norm(x, pooled(pass), rows);
  }

 protected:
  Pooled(const Place& place, const NormConfig& config, ops::Pool pool, int64_t groups)
      : gain_(declare(place, "weight", config.width, 1.0)),
        shift_(declare(place, "bias", config.width, 0.0)),
        pool_(pool),
        groups_(groups) {}
  ops::PooledNormWeights pooled(const Pass& pass) const {
    return {.pool = pool_,
            .groups = groups_,
            .epsilon = 1e-5,
            .gain = weight(gain_, pass).dense(),
            .shift = weight(shift_, pass).dense()};
  }

  ParameterId gain_, shift_;

 private:
  ops::Pool pool_;
  int64_t groups_;
};

}  // namespace heddle::nn::norms
