#pragma once
// Dropout at one place of a model (Srivastava et al. 2014), inverted: kept elements are scaled by 1/(1-p).
//
// The mask is a pure function of (seed, step, pass, site, example, position, column), so that it is
// recomputed in the backward pass and is the same however the batch is split or packed.

#include "heddle/base/random.h"
#include "heddle/kernels/dropout.h"
#include "heddle/tensor/rows.h"

namespace heddle::ops {

struct DropoutSite {
  RandomKey key;             // with its site
  double probability = 0.0;  // 0: nothing is dropped

  bool active() const { return probability > 0; }
  // For the rows of one matrix. The rows' arrays must outlive the use.
  kernels::Dropout rule(const Rows& rows) const {
    if (!active()) return {};
    return {key.key(), drop_threshold(probability), static_cast<float>(1.0 / (1.0 - probability)), rows.example.data(),
            rows.position.data()};
  }
};

}  // namespace heddle::ops
