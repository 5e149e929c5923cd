#pragma once
// Classification with a known posterior: every token of the source votes for a class, the true one more often than
// the others; labels of the training set may be wrong.

#include <span>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/data/packed_batch.h"

namespace heddle::lab {

struct NoisyVotes {
  int32_t classes = 8;      // tokens 0 … classes − 1 are votes, and the label; the decoder's first token is 0
  int64_t votes = 10;       // tokens of a source
  double agreement = 0.3;   // a vote is the true class with this probability, else any class
  double wrong_labels = 0;  // a label is one of the other classes with this probability

  // p(true class | votes) for all classes: ∝ (p_right / p_other) ^ votes for it.
  std::vector<double> posterior(std::span<const int32_t> source) const;
};

struct VotesSample {
  data::TranslationBatch labelled;  // targets are the labels, right or wrong
  std::vector<int32_t> truth;       // the true classes
};

VotesSample draw(const NoisyVotes& task, int64_t examples, RandomStream& random);
// How often the most probable class of the posterior is the true one: what no classifier exceeds, but by chance.
double best_accuracy(const NoisyVotes& task, const VotesSample& sample);
// `count` of the examples, drawn with replacement.
data::TranslationBatch draw_batch(const data::TranslationBatch& examples, int64_t count, RandomStream& random);

}  // namespace heddle::lab
