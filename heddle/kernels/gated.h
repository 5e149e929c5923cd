#pragma once
// Gated linear units: y = dropout(activation(g)·u), where [g, u] = x + bias are two halves of a row.
//
// x [rows, 2·width], gates first; bias [2·width] or null; y [rows, width].

#include "heddle/kernels/activation.h"

namespace heddle::kernels {

void gated(Activation gate, int64_t rows, int64_t width, const float* x, const float* bias, const Dropout& dropout,
           float* y);
void gated(Activation gate, int64_t rows, int64_t width, const double* x, const double* bias, const Dropout& dropout,
           double* y);

// dx [rows, 2·width], written: dg = dropout(dy)·u·activation'(g), du = dropout(dy)·activation(g).
void gated_backward(Activation gate, int64_t rows, int64_t width, const float* x, const float* bias,
                    const Dropout& dropout, const float* dy, float* dx);
void gated_backward(Activation gate, int64_t rows, int64_t width, const double* x, const double* bias,
                    const Dropout& dropout, const double* dy, double* dx);

}  // namespace heddle::kernels
