#pragma once
// Matrix products: C[m,n] = op(A)[m,k]·op(B)[k,n], added to C when `accumulate` says so.
//
// Row-major with leading dimensions. float runs in oneDNN (float inputs, or bfloat16 inputs with float
// sums; where the processor has no AVX-512 these are widened first), double is the textbook triple loop.

#include <cstdint>
#include <string>

#include "heddle/tensor/dtype.h"

namespace heddle::kernels {

struct MatmulShape {
  int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  int64_t lda = 0, ldb = 0, ldc = 0;  // elements between rows as they are stored
  bool accumulate = false;
  bool operator==(const MatmulShape&) const = default;
};

void matmul(const MatmulShape& shape, const float* a, const float* b, float* c);
void matmul(const MatmulShape& shape, const double* a, const double* b, double* c);
void matmul(const MatmulShape& shape, const bf16* a, const bf16* b, float* c);

// Whether the processor has bfloat16 products (AVX-512 BF16 or AMX), as it reports itself.
bool bf16_is_fast();

// Name and version of the library behind the products.
std::string product_library();

}  // namespace heddle::kernels
