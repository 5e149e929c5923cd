#pragma once
// y_s = T[:, positions of s]·x_s for each sequence: as many rows of every sequence as the table T has, each a sum over
// the sequence with the weights that its positions have there.
//
// x [tokens, width], T [length, positions] → [sequences·length, width]. Rows that are padding are left out. Positions
// of a sequence follow each other; beyond the table's last is an error. In f32
// whatever the precision of other products: sequences have too many lengths for bfloat16's, which are made for a shape.

#include "heddle/ops/compute.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor project_length(const Tensor& x, const Tensor& table, const Rows& rows);

// What the rows of the result mean; the array lies on the tape, or in `memory` where there is none.
Rows projected_rows(int64_t sequences, int64_t length, Tensor& memory);

}  // namespace heddle::ops
