#pragma once
// Every position scheme by its name: model.position.

#include "heddle/nn/position/position.h"

namespace heddle::nn::positions {

struct Entry {
  Idea idea;
  bool in_attention;  // acts within self-attention, not on token vectors
  bool has_weights;
  std::unique_ptr<Position> (*make)(const Place& place, const PositionConfig& config);
};

std::span<const Entry> all();
// Throws InputError for an unknown name.
const Entry& find(std::string_view name);
inline std::unique_ptr<Position> make(const Place& place, const PositionConfig& config) {
  return find(config.kind).make(place, config);
}

}  // namespace heddle::nn::positions
