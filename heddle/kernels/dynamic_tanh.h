#pragma once
// A squashing in place of a norm: y = gain·tanh(α·x) + shift (Zhu et al. 2025).
//
// x, y [rows, width]; gain, shift [width].

#include <cstdint>

namespace heddle::kernels {

void dynamic_tanh(int64_t rows, int64_t width, const float* x, float alpha, const float* gain, const float* shift,
                  float* y);
void dynamic_tanh(int64_t rows, int64_t width, const double* x, double alpha, const double* gain, const double* shift,
                  double* y);

// Written: dx, and each row's part of the gradients of gain, dgain [rows, width], and of α, dalpha [rows].
void dynamic_tanh_backward(int64_t rows, int64_t width, const float* x, float alpha, const float* gain, const float* dy,
                           float* dx, float* dgain, float* dalpha);
void dynamic_tanh_backward(int64_t rows, int64_t width, const double* x, double alpha, const double* gain,
                           const double* dy, double* dx, double* dgain, double* dalpha);

}  // namespace heddle::kernels
