#pragma once
// In place, σ(x) = 1 / (1 + exp(-x)). What is no number stays so.

#include <span>

namespace heddle::kernels {

void sigmoids(std::span<float> x);
void sigmoids(std::span<double> x);

}  // namespace heddle::kernels
