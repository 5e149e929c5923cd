#pragma once
// Normalization by statistics over many rows: y = (x - mean)/√(var + ε)·gain + shift.
//
// The pool is a sequence, or the whole batch; within it each group of width/groups columns has its own mean and
// variance. Rows that are padding have no part in the statistics. x, y [tokens, width]; gain, shift [width].

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

enum class Pool : uint8_t { sequence, batch };

struct PooledNormWeights {
  Pool pool = Pool::sequence;
  int64_t groups = 1;
  double epsilon = 1e-5;
  Tensor gain = {}, shift = {};
  // Batch alone, [groups] each; undefined: none. Used in place of the batch's own, or moved towards them by momentum
  // (0: left alone).
  Tensor running_mean = {}, running_variance = {};
  bool uses_running = false;
  double momentum = 0.0;
};

Tensor pooled_norm(const Tensor& x, const PooledNormWeights& weights, const Rows& rows);

}  // namespace heddle::ops
