#pragma once
// The mean of several checkpoints' weights, which often generalises better than each of them
// (checkpoint averaging, Vaswani et al. 2017; Izmailov et al. 2018).

#include <filesystem>
#include <span>

#include "heddle/nn/parameters.h"

namespace heddle::train {

// Of the `model` parts of these checkpoint folders; sums run in f64.
nn::WeightSet average_of(std::span<const std::filesystem::path> checkpoints, const nn::Parameters& parameters);

}  // namespace heddle::train
