#pragma once
// What each block of a model costs in the forward pass, predicted from its configuration alone.
//
// With n tokens, width d, inner = heads · head width, inner feed-forward width f and V classes:
//   self-attention   8·n·d·inner + 4·pairs·inner     projections, and the scores and sums over all pairs that see each
//                                                    other: n² without a mask, n(n+1)/2 causal (Vaswani et al. 2017,
//                                                    table 1); linear attention with D features: 4·n·inner·D in
//                                                    place of the pairs
//   feed-forward     4·n·d·f
//   output           2·n·d·V
// Of token vectors that are no table only the weights are counted. A multiply-add is two operations; what is left out
// is said in heddle/kernels/operation_count.h, which counts them as they are done. The backward pass does twice as many
// (attention 2.5 times: it makes the scores again).

#include <span>
#include <string>
#include <vector>

#include "heddle/model/config.h"

namespace heddle::model {

struct BlockCost {
  std::string name;        // "decoder.layers.1.cross_attention", "encoder.embedding", "output"
  int64_t parameters = 0;  // its own, with the norm of its residual step; a shared table counts where it is used first
  int64_t operations = 0;
  // That a training pass keeps for the backward pass, in f32, without the residual step's: linear in n.
  int64_t activation_bytes = 0;
  // Of weights and activations in f32, each moved once: what the pass moves at least.
  int64_t bytes = 0;
};

// Of one forward pass over packed sequences of these lengths, in the order in which the blocks run. A decoder-only
// model has no source. Throws InputError for a configuration that cannot be, and for numbers of source and target
// sequences that differ.
std::vector<BlockCost> forward_cost(const ModelConfig& config, std::span<const int64_t> source_lengths,
                                    std::span<const int64_t> target_lengths);

// All blocks together; its name is "total".
BlockCost total(std::span<const BlockCost> blocks);

}  // namespace heddle::model
