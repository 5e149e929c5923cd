#pragma once
// Every norm by its name: model.norm.

#include "heddle/nn/norm/norm.h"

namespace heddle::nn::norms {

struct Entry {
  Idea idea;
  std::unique_ptr<Norm> (*make)(const Place& place, const NormConfig& config);
};

std::span<const Entry> all();
// Throws InputError for an unknown name.
const Entry& find(std::string_view name);
inline std::unique_ptr<Norm> make(const Place& place, const NormConfig& config) {
  return find(config.kind).make(place, config);
}

}  // namespace heddle::nn::norms
