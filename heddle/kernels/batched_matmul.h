#pragma once
// Many matrix products of one shape: C_i = op(A_i)·op(B_i), for every index of a nest of loops over the batch, each of
// which moves the three matrices by strides of its own. A batch that gives every thread some products is cut between
// the threads, a smaller one leaves the threads to each product.

#include <span>

#include "heddle/kernels/matmul.h"

namespace heddle::kernels {

struct BatchLoop {
  int64_t size = 1;
  int64_t a = 0, b = 0, c = 0;  // elements between the matrices of neighbours
};

void batched_matmul(const MatmulShape& shape, std::span<const BatchLoop> batch, const float* a, const float* b,
                    float* c);
void batched_matmul(const MatmulShape& shape, std::span<const BatchLoop> batch, const double* a, const double* b,
                    double* c);

}  // namespace heddle::kernels
