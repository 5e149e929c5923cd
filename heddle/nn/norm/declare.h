#pragma once
// Declares one weight of a norm: a number for each column, or one for all.

#include "heddle/nn/place.h"

namespace heddle::nn::norms {

inline ParameterId declare(const Place& place, const std::string& part, int64_t width, double start,
                           bool trainable = true) {
  return place.parameters.declare({.name = place.name + "." + part,
                                   .role = "norm",
                                   .shape = {width},
                                   .init = Init::constant(start),
                                   .layer = place.layer,
                                   .trainable = trainable});
}

}  // namespace heddle::nn::norms
