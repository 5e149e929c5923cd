#pragma once
// What one forward pass runs with: which weights, which randomness, and in which precision.

#include <string_view>

#include "heddle/base/random.h"
#include "heddle/nn/parameters.h"
#include "heddle/nn/probe.h"
#include "heddle/nn/side_losses.h"
#include "heddle/ops/compute.h"
#include "heddle/ops/dropout_site.h"

namespace heddle::nn {

struct Pass {
  const Parameters& parameters;
  const WeightSet& weights;
  RandomKey random;                          // seed, step and pass; each use adds its site
  bool training = false;                     // dropout acts
  bool frozen = false;                       // a teacher, a validation: weights do not join the tape
  ops::Compute compute = ops::Compute::f32;  // inputs of matrix products
  Probe* probe = nullptr;                    // reads and replaces named points; null costs nothing
  SideLosses* side_losses = nullptr;         // of a training pass; null: nobody minimizes them
  int64_t checkpoint_blocks = 0;             // layers whose activations are dropped and made again together; 0: none

  ops::DropoutSite dropout(uint64_t site, double probability) const {
    return {random.at(site), training ? probability : 0.0};
  }
};

}  // namespace heddle::nn
