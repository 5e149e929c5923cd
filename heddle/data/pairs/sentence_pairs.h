#pragma once
// Pairs of sentences for objectives that look at two at once: does B follow A (NSP, Devlin et al. 2019), are they in
// order (SOP, Lan et al. 2020).

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::data {

// A sentence by its document and its place in it, both from 0.
struct SentencePlace {
  int64_t document, sentence;
  bool operator==(const SentencePlace&) const = default;
};
struct SentencePair {
  SentencePlace first, second;
  bool positive;  // the second follows the first
};

enum class NegativeKind : uint8_t {
  random,         // a sentence of another document (BERT's): its topic alone gives it away
  same_document,  // another sentence of the same document, not the next
  swapped,        // the same two in the wrong order (SOP)
  hard,           // of some random sentences, the one most like the first: `similarity` decides
};

struct PairOptions {
  NegativeKind negative = NegativeKind::random;
  double negatives =
      0.5;  // their share; exactly that of all pairs, to within one, when `balanced`, else of each by chance
  bool balanced = true;
  int64_t candidates = 16;                                              // of hard negatives
  std::function<double(SentencePlace, SentencePlace)> similarity = {};  // larger: more alike
};

// A pair for every two neighbours, in random order, some made negative. `sentences` counts those of each document.
// Documents of one sentence make none; where a kind of negative cannot be made (one document; two sentences) the pair
// stays positive. Throws InputError for a share outside [0, 1], and hard negatives without `similarity`.
std::vector<SentencePair> make_sentence_pairs(std::span<const int64_t> sentences, const PairOptions& options,
                                              RandomKey key);

}  // namespace heddle::data
