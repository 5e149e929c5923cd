#pragma once
// Activations with a learned number p for each column, fused with the bias before and the dropout after them.
//
// prelu: x for x > 0, p·x below (He et al. 2015); swish: x·σ(p·x) (Ramachandran et al. 2017).

#include "heddle/kernels/dropout.h"

namespace heddle::kernels {

enum class LearnedActivation : uint8_t { prelu, swish };

// y = dropout(f(x + bias, p)); x, y [rows, width]; bias [width] or null, p [width].
void learned_activation(LearnedActivation activation, int64_t rows, int64_t width, const float* x, const float* bias,
                        const float* p, const Dropout& dropout, float* y);
void learned_activation(LearnedActivation activation, int64_t rows, int64_t width, const double* x, const double* bias,
                        const double* p, const Dropout& dropout, double* y);

// dx written; dp [rows, width] written: each row's part of the gradient of p.
void learned_activation_backward(LearnedActivation activation, int64_t rows, int64_t width, const float* x,
                                 const float* bias, const float* p, const Dropout& dropout, const float* dy, float* dx,
                                 float* dp);
void learned_activation_backward(LearnedActivation activation, int64_t rows, int64_t width, const double* x,
                                 const double* bias, const double* p, const Dropout& dropout, const double* dy,
                                 double* dx, double* dp);

}  // namespace heddle::kernels
