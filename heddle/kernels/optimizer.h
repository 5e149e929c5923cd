#pragma once
// One pass over weights, gradients and moments.

#include <cstdint>

namespace heddle::kernels {

// AdamW (Loshchilov & Hutter 2019) on the gradient g·gradient_scale.
struct AdamW {
  double learning_rate = 0, beta1 = 0.9, beta2 = 0.98, epsilon = 1e-9, weight_decay = 0;
  double gradient_scale = 1;  // clipping
  int64_t step = 1;           // from 1, for the bias correction
};

void adamw(const AdamW& rule, int64_t count, const float* gradient, float* weight, float* first, float* second);
void adamw(const AdamW& rule, int64_t count, const double* gradient, double* weight, double* first, double* second);

// Σ x², summed in an order that the thread count alone decides. Not finite when any x is not.
double sum_of_squares(int64_t count, const float* x);
double sum_of_squares(int64_t count, const double* x);

}  // namespace heddle::kernels
