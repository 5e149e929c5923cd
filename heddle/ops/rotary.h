#pragma once
// Rotary positions (Su et al. 2021): the first `columns` columns of x, heads end to end, are turned by the angles of
// each row's position; the rest is copied. The gradient is turned back.

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// [positions, head width / 2] each.
struct RotaryTable {
  Tensor cosine, sine;
};

Tensor rotate(const Tensor& x, int64_t columns, int64_t head_width, const RotaryTable& table, const Rows& rows);

}  // namespace heddle::ops
