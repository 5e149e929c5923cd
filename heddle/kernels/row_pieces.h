#pragma once
// Passes over the rows of a [rows, width] matrix on all threads, in pieces short enough that the dropout factors of one
// stand on the stack.

#include <algorithm>
#include <cstdint>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/dropout.h"

namespace heddle::kernels {

// Rows of which a thread has enough to do: some 16,384 elements.
inline int64_t row_grain(int64_t elements_a_row) { return 16384 / std::max<int64_t>(elements_a_row, 1) + 1; }

// piece(row, first column, columns, their dropout factors or null). elements_a_row: what a row costs, for the grain.
template <class Piece>
void over_row_pieces(int64_t rows, int64_t width, int64_t elements_a_row, const Dropout& dropout, Piece&& piece) {
  constexpr int64_t kPiece = 1024;  // columns
  parallel_for(rows, row_grain(elements_a_row), [&](int64_t begin, int64_t end, int) {
    alignas(64) float factors[kPiece];
    for (int64_t r = begin; r < end; ++r)
      for (int64_t c = 0; c < width; c += kPiece) {
        const int64_t count = std::min(kPiece, width - c);
        if (dropout.active())
          dropout_factors(dropout.key, dropout.example[r], dropout.position[r], dropout.threshold, dropout.scale, c,
                          count, factors);
        piece(r, c, count, dropout.active() ? factors : nullptr);
      }
  });
}

}  // namespace heddle::kernels
