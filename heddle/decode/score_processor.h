#pragma once
// Rules that change the log-probabilities of the next token before a search looks at them, as values.
//
// A processor is called once for each live hypothesis and step. It may only lower what it is given
// (minus infinity: cannot come), so that the bounds of a search still hold; the result need not sum to
// one. It sees one hypothesis only, so that answers cannot depend on the batch; several threads may call it.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace heddle::decode {

// so_far: the tokens produced, without start. log_probabilities: [vocab], changed in place.
using ScoreProcessor = std::function<void(std::span<const int32_t> so_far, std::span<float> log_probabilities)>;

// Never these tokens. Ids outside the vocabulary are ignored (a tokenizer may lack padding: -1).
ScoreProcessor forbid_tokens(std::vector<int32_t> tokens);

// No end before `length` tokens.
ScoreProcessor minimum_length(int64_t length, int32_t end_token);

// Log-probabilities of tokens that were produced already, times factor >= 1 (Keskar et al. 2019, "CTRL",
// who divide positive logits; log-probabilities are never positive).
ScoreProcessor repetition_penalty(double factor);

// No n-gram of `size` tokens a second time (Paulus et al. 2017).
ScoreProcessor no_repeat_ngram(int size);

// Applies the processors in order.
void apply(std::span<const ScoreProcessor> chain, std::span<const int32_t> so_far, std::span<float> log_probabilities);

}  // namespace heddle::decode
