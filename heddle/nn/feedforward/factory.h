#pragma once
// Every kind of feed-forward network by its name: model.ffn_kind.

#include "heddle/nn/feedforward/kind.h"

namespace heddle::nn::feedforward {

struct Entry {
  Idea idea;
  std::unique_ptr<Kind> (*make)(const Place& place, const FeedForwardConfig& config);  // null result: no network
  Cost (*cost)(const FeedForwardConfig& config);
};

std::span<const Entry> all();
// Throws InputError for an unknown name.
const Entry& find(std::string_view name);

}  // namespace heddle::nn::feedforward
