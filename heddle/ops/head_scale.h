#pragma once
// y_h = s_h·x_h for each head, a learned number for each. x, y [tokens, heads·width]; s [heads].

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

Tensor head_scale(const Tensor& x, const Tensor& scale, const Rows& rows);

}  // namespace heddle::ops
