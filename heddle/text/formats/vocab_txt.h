#pragma once
// BERT's vocab.txt (Devlin et al. 2019): a token per line, its id the line's number from 0 on.

#include <optional>
#include <string>
#include <string_view>

#include "heddle/text/tokenizer.h"

namespace heddle::text {

// BERT's pipeline around that vocabulary. Such a file does not say whether text is made small; without `lowercase` it
// is if no token but those in brackets has a capital letter. An empty line, and the former of two equal ones, leaves
// its id free. Throws InputError for what is no UTF-8, or has no [UNK].
Tokenizer tokenizer_of_vocab_txt(std::string_view text, const std::string& source_name, std::optional<bool> lowercase);

}  // namespace heddle::text
