#pragma once
// How alike two sets of states of the same rows are.

#include "heddle/tensor/tensor.h"

namespace heddle::inspect {

// Linear centered kernel alignment (Kornblith et al. 2019): ‖Yᵀ X‖² / (‖Xᵀ X‖·‖Yᵀ Y‖) over columns with mean 0,
// Frobenius norms. 1 for states that are equal up to rotation and one scale, 0 for uncorrelated ones. x [n, width], y
// [n, any]. 0 where one of them does not vary.
double linear_cka(const Tensor& x, const Tensor& y);

// The mean over the rows of a·b / (‖a‖ ‖b‖).
double mean_cosine(const Tensor& a, const Tensor& b);

}  // namespace heddle::inspect
