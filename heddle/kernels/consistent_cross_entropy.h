#pragma once
// Cross-entropy of two predictions p and q of the same rows, drawn together (R-Drop, Liang et al. 2021):
//   loss of a row = -Σ_c t_c·log p_c - Σ_c t_c·log q_c + α/2·(KL(p||q) + KL(q||p)).
// With d = log p - log q, KL(p||q) + KL(q||p) = Σ_c (p_c - q_c)·d_c, whose gradient by the first logits is
// p·(d - Σ p·d) + p - q, and by the second the same with p and q changed over. 4 exponentials a class.

#include "heddle/kernels/cross_entropy.h"

namespace heddle::kernels {

// first, second [rows, classes] become the loss's gradients by them times scale, in place; bias [classes], null or added
// to both. The sums are over both predictions, the loss with what draws them together. Targets and smoothing as in
// cross_entropy.
CrossEntropySums consistent_cross_entropy(int64_t rows, int64_t classes, float* first, float* second, const float* bias,
                                          const int32_t* targets, double smoothing, Smoothing convention, double scale,
                                          double consistency);
CrossEntropySums consistent_cross_entropy(int64_t rows, int64_t classes, double* first, double* second,
                                          const double* bias, const int32_t* targets, double smoothing,
                                          Smoothing convention, double scale, double consistency);

}  // namespace heddle::kernels
