#pragma once
// score + B[bucket(distance), h]: a learned number for each bucket of distances and head (Raffel et al. 2020, T5). Of
// 32 buckets the nearer half holds one distance each, the others grow by a constant factor up to distance 128; without
// a causal mask each direction has half of the buckets. Queries and keys are not scaled in T5 itself (attention.score =
// "dot"). O(n²·h) a layer; 32·h weights.

#include "heddle/nn/position/position.h"
#include "heddle/nn/weight.h"

namespace heddle::nn::positions {

class T5Bias : public Position {
 public:
  static constexpr Idea kIdea = {.name = "t5_bias",
                                 .formula = "s_ij + B[bucket(j - i), h]",
                                 .cost = "O(n²h) a layer, 32h weights",
                                 .paper = "Raffel et al. 2020",
                                 .traits = {.order_equivariant = false, .self_only = true}};
  static constexpr bool kInAttention = true, kHasWeights = true;
  static constexpr int kBuckets = 32;
  T5Bias(const Place& place, const PositionConfig& config);
  ops::PositionTerm term(const Pass& pass, const Rows& rows) const override;

  // Of distance = key - query.
  static int bucket(int64_t distance, bool causal, int64_t farthest = 128);

 private:
  ParameterId table_;
  int64_t reach_;
  std::vector<int32_t> buckets_;  // of distances -reach … reach
};

}  // namespace heddle::nn::positions
