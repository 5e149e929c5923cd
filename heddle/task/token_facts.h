#pragma once
// What a tokenizer, and files of word vectors, tell the sources of token vectors of a new model.

#include "heddle/nn/embedding/token_facts.h"
#include "heddle/text/tokenizer.h"

namespace heddle::task {

// The text of each token as the tokenizer spells it, with its marks of words' starts.
std::vector<std::string> token_texts(const text::Tokenizer& tokenizer);

// Words are tokens' texts without blanks around them; `seed` is of the vectors of those that have none. The tokenizer
// outlives what is returned.
nn::TokenFacts token_facts(const text::Tokenizer& tokenizer, uint64_t seed);

}  // namespace heddle::task
