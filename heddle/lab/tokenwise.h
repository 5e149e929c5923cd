#pragma once
// A model asked token by token, in the two ways there are: with a cache of keys and values, and with the whole prefix
// run again each time.

#include <vector>

#include "heddle/lab/learner.h"

namespace heddle::lab {

// Log-probabilities [target tokens · vocab] of the next token after each given one, in the order of a full pass, by the
// decoder that generation runs (task/transformer_steps.h). The batch has sources.
std::vector<double> cached_log_probabilities(const Learner& learner, const data::TranslationBatch& batch,
                                             nn::Probe* probe = nullptr);

// The same by a full pass over every prefix, of which the last row counts.
std::vector<double> prefix_log_probabilities(const Learner& learner, const data::TranslationBatch& batch);

// Translations of `tokens` tokens by the most probable next one, the whole prefix run for each; also for a decoder that
// no cache fits.
std::vector<std::vector<int32_t>> greedy_by_prefixes(const Learner& learner, const data::PackedSequences& source,
                                                     int32_t start, int64_t tokens);

}  // namespace heddle::lab
