#pragma once
// y = Σ a·b over a nest of loops, each of which moves the three arrays by strides of its own: products element by
// element, dot products, sums, diagonals, and copies in another order. For what is no matrix product worth the name.

#include <cstdint>
#include <span>

namespace heddle::kernels {

struct StridedLoop {
  int64_t size = 1;
  int64_t a = 0, b = 0, y = 0;  // elements between neighbours; y = 0: the loop is summed over
};

// Added to y when `accumulate`. b null: sums of a alone. Places of y that differ in the loops with y != 0 must differ.
void strided_product(std::span<const StridedLoop> loops, const float* a, const float* b, float* y, bool accumulate);
void strided_product(std::span<const StridedLoop> loops, const double* a, const double* b, double* y, bool accumulate);

}  // namespace heddle::kernels
