#pragma once
// A batch that grows while a model learns: small and many updates first, large and steady ones later (Smith et al.
// 2018, "Don't decay the learning rate, increase the batch size"; McCandlish et al. 2018).

#include <cstdint>

namespace heddle::data {

struct BatchRamp {
  int64_t from = 1024, to = 8192;  // tokens in a batch
  int64_t steps = 0;               // or epochs, until `to` is reached; 0: always `to`
  int64_t multiple = 1;            // budgets are multiples of it

  // Throws InputError unless 1 ≤ from ≤ to, steps ≥ 0, and multiple ≥ 1.
  void check() const;
  // The budget of a step, counted from 0: it grows by the same number of tokens each step, never shrinks, and is `to`
  // from `steps` on.
  int64_t batch_tokens(int64_t step) const;
};

}  // namespace heddle::data
