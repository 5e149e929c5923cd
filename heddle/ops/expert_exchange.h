#pragma once
// Tokens on their way to an expert of a mixture, and back: no product is done for a token by an expert that it did not
// choose.
//
//   rows_of_expert   x_e = the rows of x that go to expert e, in their order
//   add_of_expert    y_t += gate_te·z_e[t's row] for every token t of e
//
// x, y [rows, width]; x_e, z_e [rows of e, width]; gates [rows, k].

#include "heddle/ops/expert_routing.h"

namespace heddle::ops {

Tensor rows_of_expert(const Tensor& x, const Routing& routing, int64_t expert, const Rows& rows);

// `y`: what the experts before gave, whose memory the result takes; no other handle shows it. Zeros at first.
Tensor add_of_expert(const Tensor& y, const Tensor& z, const Routing& routing, int64_t expert, const Rows& rows);

}  // namespace heddle::ops
