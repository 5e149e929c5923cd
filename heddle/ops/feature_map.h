#pragma once
// Feature maps of linear attention, differentiable: dense rows of `pieces` heads each, and what comes out is positive.

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// elu(x) + 1.
Tensor elu_features(const Tensor& x, const Rows& rows);
// max(0, x) + 0.001.
Tensor relu_features(const Tensor& x, const Rows& rows);
// [softmax(x_h), softmax(-x_h)] of each piece, which becomes twice as wide.
Tensor softmax_features(const Tensor& x, const Rows& rows, int64_t pieces);

// exp(Ω·x' - c) + 10⁻⁶ of each piece, x' = scale·x, Ω [features, width of a piece] without a gradient: c is the largest
// exponent of a query's piece, and ‖x'‖²/2 of a key's, whose exponents end at 40.
Tensor random_query_features(const Tensor& x, const Tensor& directions, double scale, const Rows& rows, int64_t pieces);
Tensor random_key_features(const Tensor& x, const Tensor& directions, double scale, const Rows& rows, int64_t pieces);

}  // namespace heddle::ops
