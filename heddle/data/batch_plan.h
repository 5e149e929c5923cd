#pragma once
// Which examples make which batch in one epoch: batches of similar length within a token budget.
//
// The plan depends on the seed and the epoch only. Examples are shuffled, sorted by length (ties
// stay shuffled), cut into batches of at most `batch_tokens` target tokens, and the batches are
// shuffled. A position in training is therefore (epoch, batch); nothing else has to be stored to
// resume.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/data/translation_set.h"

namespace heddle::data {

// Tokens of one example; a language model's has no source.
struct ExampleLength {
  int64_t source, target;
};

std::vector<ExampleLength> lengths_of(const TranslationSet& set);

class BatchPlan {
 public:
  // A batch has at most this many source tokens for each target token of the budget, so that a few
  // very uneven pairs do not decide how much memory a step needs.
  static constexpr int64_t kSourceShare = 4;

  // Every example is in exactly one batch; a pair longer than the budget makes a batch of its own.
  // Throws InputError for a budget below 1.
  BatchPlan(std::span<const ExampleLength> lengths, int64_t batch_tokens, uint64_t seed, int64_t epoch);
  BatchPlan(const TranslationSet& set, int64_t batch_tokens, uint64_t seed, int64_t epoch)
      : BatchPlan(lengths_of(set), batch_tokens, seed, epoch) {}

  int64_t batches() const { return static_cast<int64_t>(offsets_.size()) - 1; }
  // The examples of a batch, by their index in the set.
  std::span<const int32_t> batch(int64_t i) const {
    const auto at = static_cast<size_t>(i);
    return {examples_.data() + offsets_[at], static_cast<size_t>(offsets_[at + 1] - offsets_[at])};
  }

 private:
  std::vector<int32_t> examples_;
  std::vector<int64_t> offsets_{0};
};

}  // namespace heddle::data
