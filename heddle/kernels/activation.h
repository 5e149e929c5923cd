#pragma once
// Element-wise activations, fused with the bias before and the dropout after them.
//
// squared_relu is max(0, x)² (So et al. 2021), gelu the exact x·Φ(x), gelu_tanh its tanh approximation (Hendrycks &
// Gimpel 2016), silu x·σ(x) (Elfwing et al. 2018). y may be the same memory as x.

#include "heddle/kernels/dropout.h"

namespace heddle::kernels {

enum class Activation : uint8_t { none, relu, squared_relu, gelu, gelu_tanh, silu };

// y = dropout(activation(x + bias)); x, y [rows, width]; bias [width] or null.
void bias_activation(Activation activation, int64_t rows, int64_t width, const float* x, const float* bias,
                     const Dropout& dropout, float* y);
void bias_activation(Activation activation, int64_t rows, int64_t width, const double* x, const double* bias,
                     const Dropout& dropout, double* y);

// dx = dropout(dy)·activation'(x + bias); x is what bias_activation() read, and
// may be null for Activation::none. dx may be dy.
void bias_activation_backward(Activation activation, int64_t rows, int64_t width, const float* x, const float* bias,
                              const Dropout& dropout, const float* dy, float* dx);
void bias_activation_backward(Activation activation, int64_t rows, int64_t width, const double* x, const double* bias,
                              const Dropout& dropout, const double* dy, double* dx);

// sums[c] += Σ_r x[r, c]: the gradient of a bias.
void add_row_sums(int64_t rows, int64_t width, const float* x, float* sums);
void add_row_sums(int64_t rows, int64_t width, const double* x, double* sums);

}  // namespace heddle::kernels
