#pragma once
// Every residual scheme by its name: model.residual.

#include "heddle/nn/residual/scheme.h"

namespace heddle::nn::residuals {

struct Entry {
  Idea idea;
  std::unique_ptr<Scheme> (*make)(const Place& place, const ResidualConfig& config);
  BranchStart (*start)(const Depth& depth);
};

std::span<const Entry> all();
// Throws InputError for an unknown name.
const Entry& find(std::string_view name);
std::unique_ptr<Scheme> make(const Place& place, const ResidualConfig& config);

}  // namespace heddle::nn::residuals
