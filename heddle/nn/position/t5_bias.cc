#include "heddle/nn/position/t5_bias.h"

#include <algorithm>
#include <cmath>

namespace heddle::nn::positions {

int T5Bias::bucket(int64_t distance, bool causal, int64_t farthest) {
  int buckets = kBuckets, first = 0;
  int64_t away = std::max<int64_t>(-distance, 0);  // causal: keys lie behind
  if (!causal) {
    buckets /= 2;
    if (distance > 0) first = buckets;
    away = std::abs(distance);
  }
  const int exact = buckets / 2;
  if (away < exact) return first + static_cast<int>(away);
  const double share = std::log(static_cast<double>(away) / exact) / std::log(static_cast<double>(farthest) / exact);
  return first + std::min(exact + static_cast<int>(share * (buckets - exact)), buckets - 1);
}

T5Bias::T5Bias(const Place& place, const PositionConfig& config)
    : table_(place.parameters.declare({.name = place.name + ".bias",
                                       .role = "position",
                                       .shape = {kBuckets, config.heads},
                                       .init = Init::normal(0.1),
                                       .layer = place.layer})),
      reach_(config.max_length - 1) {
  const int64_t farthest = config.distance ? config.distance : 128;
  for (int64_t d = -reach_; d <= reach_; ++d) buckets_.push_back(bucket(d, config.causal, farthest));
}

ops::PositionTerm T5Bias::term(const Pass& pass, const Rows&) const {
  return {.kind = ops::PositionTerm::Kind::bias,
          .table = weight(table_, pass).dense(),
          .buckets = buckets_,
          .reach = reach_};
}

}  // namespace heddle::nn::positions
