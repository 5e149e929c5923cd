#pragma once
// Several residual streams side by side, x [tokens, n·d], and how hyper-connections mix them
// (nn/residual/hyper_connections.h).
//
// A mixing is a matrix W [n, n + 2]: column 0 says how much of each stream a branch reads, the columns 1 … n what each
// stream becomes of the streams, column n + 1 how much of the branch each takes. It is one of all tokens, [n·(n + 2)],
// or one of each, [tokens, n·(n + 2)].

#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// y = Σ_i W[i, 0]·x_i, [tokens, d].
Tensor read_streams(const Tensor& x, const Tensor& mixing, int64_t streams, const Rows& rows);

// y_j = Σ_i W[i, 1 + j]·x_i + W[j, n + 1]·branch, [tokens, n·d].
Tensor write_streams(const Tensor& x, const Tensor& branch, const Tensor& mixing, int64_t streams, const Rows& rows);

// y_i = A·x_i for each stream; A [m, d], y [tokens, n·m].
Tensor stream_products(const Tensor& x, const Tensor& a, const Rows& rows);

// Every stream is x [tokens, d] → [tokens, n·d].
Tensor into_streams(const Tensor& x, int64_t streams, const Rows& rows);

// Their mean, [tokens, d].
Tensor mean_of_streams(const Tensor& x, int64_t streams, const Rows& rows);

}  // namespace heddle::ops
