#pragma once
// How many n-grams of a hypothesis are also in a reference: the counts below BLEU and chrF.
//
// Each n-gram of the hypothesis matches at most as often as the one reference that has it most
// often (clipped counts; Papineni et al. 2002, section 2.1.1). Time is O(orders * n log n) and
// memory O(n) whatever the words are: n-grams are ranked by sorting, never spelt out or hashed.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace heddle::metrics {

struct NgramMatches {
  int64_t hypothesis = 0;  // n-grams of the hypothesis
  int64_t reference = 0;   // n-grams of all references
  int64_t matches = 0;
};

// Symbols, say code points or numbered words; any numbers will do.
using Symbols = std::vector<int32_t>;

// result[n - 1] for n = 1..orders.
std::vector<NgramMatches> match_ngrams(const Symbols& hypothesis, std::span<const Symbols> references, int orders);

// The same number for the same word, in every text of the answer.
std::vector<Symbols> number_words(std::span<const std::vector<std::string>> texts);

}  // namespace heddle::metrics
