#pragma once
// The scorer that the source writes down, taken literally: f(next, x) = Σ αᵢ g(next, xᵢ), α =
// softmax over i of s(next, xᵢ), p(next) ∝ exp f.
//
// g and s are free tables over (candidate, token, place), so that no embedding, width or head count
// limits them: what this scorer cannot learn, its form cannot say. With one place it knows words
// alone; with more, also how far back each stands.

#include <span>
#include <vector>

#include "heddle/data/packed_batch.h"

namespace heddle::lab {

class PairwiseScorer {
 public:
  // Distances of places - 1 and more share the last place.
  PairwiseScorer(int64_t vocab, int64_t places);

  // One step of Adam (Kingma & Ba 2015) on the mean −log p of the batch's targets, which it
  // returns, in nats.
  double step(const data::TranslationBatch& batch, double learning_rate);
  double loss(const data::TranslationBatch& batch) const;

 private:
  // −log p of `target` after `before`; adds its gradient where `gradient` is not null.
  double score(std::span<const int32_t> before, int32_t target, std::vector<double>* gradient) const;
  double walk(const data::TranslationBatch& batch, std::vector<double>* gradient) const;

  int64_t vocab_, places_;
  std::vector<double> tables_;  // [candidate, token, place, (s, g)]
  std::vector<double> first_, second_;
  int64_t steps_ = 0;
};

}  // namespace heddle::lab
