#pragma once
// Rows as 8-bit whole numbers with a scale each: y = s·round(x/s), s = max|x|/127 over the row (Jacob et al. 2018).
//
// The scale is rounded up to 16 significant bits, so that what was rounded once stays as it is, bit for bit. Gradients
// pass straight through (Bengio et al. 2013): the rounding has none. Rows of zeros stay, and so do rows that are not
// finite.

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// factor·y; x [rows, width].
Tensor int8_rows(const Tensor& x, double factor, const Rows& rows);

struct Int8Rows {
  Tensor values;  // i8, the shape of x
  Tensor scales;  // f32 [rows]
};

// x f32. Not recorded.
Int8Rows to_int8(const Tensor& x);
void from_int8(const Int8Rows& rows, const Tensor& to);

}  // namespace heddle::ops
