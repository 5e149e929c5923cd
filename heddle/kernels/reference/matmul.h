#pragma once
// The textbook product, the oracle of the fast ones.

#include "heddle/kernels/matmul.h"

namespace heddle::kernels::reference {

template <class T>
void matmul(const MatmulShape& s, const T* a, const T* b, T* c) {
  for (int64_t i = 0; i < s.m; ++i)
    for (int64_t j = 0; j < s.n; ++j) {
      T sum = s.accumulate ? c[i * s.ldc + j] : T{0};
      for (int64_t k = 0; k < s.k; ++k)
        sum += (s.transpose_a ? a[k * s.lda + i] : a[i * s.lda + k]) *
               (s.transpose_b ? b[j * s.ldb + k] : b[k * s.ldb + j]);
      c[i * s.ldc + j] = sum;
    }
}

}  // namespace heddle::kernels::reference
