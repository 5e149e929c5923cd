#pragma once
// Dropout of whole pieces: y = x·m, where m is 0 or 1/(1-p) and the same for all elements of a piece of `rows` adjacent
// positions of a sequence by `columns` adjacent columns (0: all of them). x, y [tokens, width].
//
// A decision depends on the example's number and the piece's place in its sequence and row, never on the batch.

#include "heddle/ops/dropout_site.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

struct DropoutPiece {
  int64_t rows = 1, columns = 1;
};

Tensor structured_dropout(const Tensor& x, const DropoutSite& site, DropoutPiece piece, const Rows& rows);

}  // namespace heddle::ops
