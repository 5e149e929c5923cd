#pragma once
// GPT-2's two files (Radford et al. 2019): vocab.json maps tokens to ids, merges.txt has the merges of byte-level BPE,
// one per line, the first learned first.

#include <string>
#include <string_view>

#include "heddle/text/tokenizer.h"

namespace heddle::text {

struct NamedText {
  std::string_view text;
  std::string name;  // of its file
};

// GPT-2's pipeline, or RoBERTa's (Liu et al. 2019) when the vocabulary has <s>, </s> and <mask>. Throws InputError for
// a merge that the vocabulary lacks a part or the result of, and tokens that are not made of byte-level characters.
Tokenizer tokenizer_of_vocab_and_merges(const NamedText& vocab, const NamedText& merges);

}  // namespace heddle::text
