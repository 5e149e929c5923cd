#pragma once
// What goes with the soft spans of attention heads, z_h = longest·σ(logits_h) (kernels/score_terms/soft_span.h).

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// loss = weight·Σ_h z_h/h: what long spans cost. logits [heads] → scalar [1]. Per-example gradients get shares by their
// rows.
Tensor span_loss(const Tensor& logits, double longest, double weight, const Rows& rows);

// No head sees a key at this distance, or farther.
int64_t span_reach(const Tensor& logits, double longest, double ramp);

}  // namespace heddle::ops
