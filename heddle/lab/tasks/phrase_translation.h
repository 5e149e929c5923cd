#pragma once
// Translation word by word into phrases, where every word has several: a small language whose true
// p(target | source) is known and which no translator can foresee for certain.

#include <cstdint>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/data/packed_batch.h"

namespace heddle::lab {

class PhraseTranslation {
 public:
  static constexpr int32_t kStart = 0, kEnd = 1, kFirstWord = 2;

  // `words` source words, and as many target words with the same ids from kFirstWord on. Each
  // source word has `choices` different phrases of 1 or 2 target words, with random probabilities:
  // softmax of standard normals times `spread`.
  PhraseTranslation(int32_t words, int choices, double spread, RandomStream& random);

  int32_t vocab() const { return kFirstWord + words_; }
  // The longest target of a source of `length` words, with its end.
  static int64_t longest(int64_t length) { return 2 * length + 1; }

  // `length` words and the end.
  std::vector<int32_t> source(int64_t length, RandomStream& random) const;
  // A translation drawn at random, with its end.
  std::vector<int32_t> translate(const std::vector<int32_t>& source, RandomStream& random) const;
  // log p(target | source), by adding up all ways to cut the target into phrases; minus infinity for what cannot be.
  double log_probability(const std::vector<int32_t>& source, const std::vector<int32_t>& target) const;
  data::TranslationBatch batch(int64_t sequences, int64_t length, RandomStream& random) const;

 private:
  struct Phrase {
    double probability = 0;
    std::vector<int32_t> words;
  };
  int32_t words_;
  std::vector<std::vector<Phrase>> phrases_;  // by source word
};

}  // namespace heddle::lab
