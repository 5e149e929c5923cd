#pragma once
// The exponentials of linear attention's feature maps. float runs the fast path, double the reference. Rows are [rows,
// width], end to end.

#include <cstdint>

namespace heddle::kernels {

// y = x + 1 for x > 0, e^x below: elu(x) + 1.
void elu_features(int64_t rows, int64_t width, const float* x, float* y);
void elu_features(int64_t rows, int64_t width, const double* x, double* y);

// y = exp(min(x - shift[row], cap)) + least.
void exp_features(int64_t rows, int64_t width, const float* x, const float* shift, double cap, double least, float* y);
void exp_features(int64_t rows, int64_t width, const double* x, const double* shift, double cap, double least,
                  double* y);

}  // namespace heddle::kernels
