#pragma once
// Normalization of rows, fused with the residual sum before it.
//
//   s = residual + dropout(x + bias)
//   layer: y = (s - mean)/√(var + ε)·gain + shift      (Ba et al. 2016)
//   rms:   y = s/√(mean(s²) + ε)·gain                  (Zhang & Sennrich 2019)
//
// x, residual, s, y [rows, width]; bias, gain, shift [width]; mean, rstd [rows]. Variance in two passes.

#include "heddle/kernels/dropout.h"

namespace heddle::kernels {

enum class NormKind : uint8_t { layer, rms };

// s = residual + dropout(x + bias); bias and residual may be null. s may be x or residual.
void residual_sum(int64_t rows, int64_t width, const float* x, const float* bias, const float* residual,
                  const Dropout& dropout, float* s);
void residual_sum(int64_t rows, int64_t width, const double* x, const double* bias, const double* residual,
                  const Dropout& dropout, double* s);

// y = norm(s)·gain + shift; shift may be null. mean is zero for rms.
void norm(NormKind kind, int64_t rows, int64_t width, const float* s, const float* gain, const float* shift,
          float epsilon, float* y, float* mean, float* rstd);
void norm(NormKind kind, int64_t rows, int64_t width, const double* s, const double* gain, const double* shift,
          double epsilon, double* y, double* mean, double* rstd);

// ds written (or added when `accumulate`).
void norm_backward(NormKind kind, int64_t rows, int64_t width, const float* s, const float* gain, const float* mean,
                   const float* rstd, const float* dy, float* ds, bool accumulate);
void norm_backward(NormKind kind, int64_t rows, int64_t width, const double* s, const double* gain, const double* mean,
                   const double* rstd, const double* dy, double* ds, bool accumulate);

// dgain += Σ_r dy·(s - mean)·rstd, dshift += Σ_r dy; dshift may be null.
void norm_parameter_gradients(int64_t rows, int64_t width, const float* s, const float* mean, const float* rstd,
                              const float* dy, float* dgain, float* dshift);
void norm_parameter_gradients(int64_t rows, int64_t width, const double* s, const double* mean, const double* rstd,
                              const double* dy, double* dgain, double* dshift);

}  // namespace heddle::kernels
