#pragma once
// Tables of vectors as sources declare them.

#include <cmath>

#include "heddle/nn/embedding/source.h"

namespace heddle::nn::embeddings {

// name.part.weight [rows, width]. Sums of `parts` rows have the deviation of a token table's, 1/√of.
inline ParameterId declare_table(const Place& place, const std::string& part, int64_t rows, int64_t width, int64_t of,
                                 int64_t parts = 1) {
  return place.parameters.declare({.name = place.name + "." + part + ".weight",
                                   .role = "embedding",
                                   .shape = {rows, width},
                                   .init = Init::normal(1 / std::sqrt(static_cast<double>(of * parts)))});
}

}  // namespace heddle::nn::embeddings
