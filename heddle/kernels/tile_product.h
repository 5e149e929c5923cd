#pragma once
// C [m, n] (+)= A [m, k]·B [k, n] of matrices that fit the caches, on the calling thread: what is too small, and done
// too often within other work, for matmul().

#include <cstdint>

namespace heddle::kernels {

// Element (i, j) of A lies at a + i·a_row + j·a_column, so that a transposed A costs nothing; rows of B and C are
// dense.
template <class T>
struct TileProduct {
  int64_t m, n, k;
  const T* a;
  int64_t a_row, a_column;
  const T* b;
  int64_t b_row;
  T* c;
  int64_t c_row;
  bool accumulate = false;
};

void tile_product(const TileProduct<float>& product);
void tile_product(const TileProduct<double>& product);

}  // namespace heddle::kernels
