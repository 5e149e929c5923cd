#pragma once
// What is masked together: single tokens, whole words, spans, n-grams. And how likely each is: evenly, by frequency,
// by TF-IDF, or by weights from a column.
//
// A selection takes whole units until `rate` of the tokens are taken. Units that would pass the budget are taken or
// left by a coin, so that the expected share is the rate for any length.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::data {

struct TokenRange {
  int32_t begin, end;
  bool operator==(const TokenRange&) const = default;
};

// Each token by itself, but those whose `special` is set (which no unit may hold); `special` may be empty.
std::vector<TokenRange> token_units(int64_t tokens, std::span<const uint8_t> special = {});

// Words of several pieces (Devlin et al. 2019, "whole word masking"): starts_word[i] says that token i begins one.
std::vector<TokenRange> word_units(std::span<const uint8_t> starts_word, std::span<const uint8_t> special = {});

// Spans of 1 to `longest` words in random places, with lengths as in a geometric distribution (Joshi et al. 2020,
// "SpanBERT": p = 0.2, longest = 10), that cover all of `words` once.
std::vector<TokenRange> span_units(std::span<const TokenRange> words, double p, int64_t longest, RandomStream& random);

// Groups of exactly `n` words from a random start on (Xiao et al. 2021, "ERNIE-Gram"); shorter ones at the edges.
std::vector<TokenRange> ngram_units(std::span<const TokenRange> words, int64_t n, RandomStream& random);

// Units in the order of an even draw without replacement, or by weight (Efraimidis & Spirakis 2006), until rate ·
// tokens are taken, where `tokens` counts those in units. Weights are one per unit, or none; a unit of weight 0 is
// taken never. The result is sorted by place. Throws InputError for a rate outside [0, 1] and weights that are negative
// or no number.
std::vector<TokenRange> select_units(std::span<const TokenRange> units, double rate, std::span<const double> weights,
                                     RandomStream& random);

// The mean weight of each unit's tokens: from a column that says which tokens matter, or from TF-IDF.
std::vector<double> unit_weights(std::span<const TokenRange> units, std::span<const double> token_weights);

}  // namespace heddle::data
