#pragma once
// What the feature maps of linear attention are made of. float runs the fast path, double the reference. Rows are
// [rows, width], end to end.

#include <cstdint>

namespace heddle::kernels {

// y = x + 1 for x > 0, e^x below: elu(x) + 1.
void elu_features(int64_t rows, int64_t width, const float* x, float* y);
void elu_features(int64_t rows, int64_t width, const double* x, double* y);

// dx = dy·min(y, 1), the slope by what came out.
void elu_features_backward(int64_t count, const float* y, const float* dy, float* dx);
void elu_features_backward(int64_t count, const double* y, const double* dy, double* dx);

// y = max(0, x) + least, and dx = dy where y > least.
void relu_features(int64_t count, const float* x, float least, float* y);
void relu_features(int64_t count, const double* x, double least, double* y);
void relu_features_backward(int64_t count, const float* y, float least, const float* dy, float* dx);
void relu_features_backward(int64_t count, const double* y, double least, const double* dy, double* dx);

// y = exp(min(x - shift[row], cap)) + least.
void exp_features(int64_t rows, int64_t width, const float* x, const float* shift, double cap, double least, float* y);
void exp_features(int64_t rows, int64_t width, const double* x, const double* shift, double cap, double least,
                  double* y);

}  // namespace heddle::kernels
