#pragma once
// A Markov source of tokens, whose entropy rate is known (Shannon 1948): what a language model can
// learn of it, and no more, can be computed.

#include <span>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/data/packed_batch.h"

namespace heddle::lab {

class MarkovSource {
 public:
  // Every context of `order` tokens out of `vocab` has its own distribution of the next token: the
  // softmax of independent normal scores of standard deviation `sharpness`.
  MarkovSource(int order, int64_t vocab, double sharpness, RandomStream random);

  int order() const { return order_; }
  int64_t vocab() const { return vocab_; }
  // From the stationary distribution on.
  std::vector<int32_t> sequence(int64_t length, RandomStream& random) const;
  // p(next | the last `order` tokens of `before`).
  double probability(std::span<const int32_t> before, int32_t next) const;

  // H(next | all tokens before), in nats per token.
  double entropy_rate() const { return entropy_given(order_); }
  // H(next | the last `known` tokens), known in [0, order]; 0: of a token alone.
  double entropy_given(int known) const;

  // For a decoder: sequences of lengths[i] tokens to predict, each from all tokens before it,
  // numbered from `first_example`. Tokens with less than `order` before them are no targets.
  data::TranslationBatch batch(std::span<const int64_t> lengths, RandomStream& random, int64_t first_example = 0) const;
  // Mean −log p of the targets of such a batch under the source itself, in nats.
  double loss(const data::TranslationBatch& batch) const;

 private:
  size_t context(std::span<const int32_t> before) const;

  int order_;
  int64_t vocab_;
  size_t contexts_;
  std::vector<double> next_;        // [contexts, vocab]
  std::vector<double> stationary_;  // [contexts]
};

}  // namespace heddle::lab
