#pragma once
// What a tokenizer is to be: the kind of its model, how text is prepared and cut for it, and how large it gets. From it
// follow all parts of the pipeline but the model, which is learned.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "heddle/text/tokenizer.h"
#include "heddle/text/trainers/pair_learner.h"

namespace heddle::text {

struct TokenizerRecipe {
  // bpe        byte-level BPE (Radford et al. 2019): knows every text
  // char-bpe   BPE over characters, spaces as "▁" (Kudo and Richardson 2018)
  // wordpiece  BERT's (Devlin et al. 2019)
  // unigram    Kudo 2018, spaces as "▁"
  // word       whole words
  // char       characters
  std::string type = "bpe";
  int64_t vocab_size = 8000;                // all tokens; a corpus may give fewer
  int64_t min_frequency = 2;                // of a pair that is joined, of a whole word
  PairScore score = PairScore::likelihood;  // of WordPiece

  bool lowercase = false;
  bool case_marks = false;  // all letters small, with marks where they were not (heddle/text/case_marks.h)
  bool strip_accents = false;
  std::string normalization = "none";  // none, nfc, nfkc
  // More places to cut at, one rule after the other: whitespace, punctuation, digits (each alone), scripts, the name of
  // a known pattern (gpt2, llama3, …; heddle/text/pre_tokenizers/known_patterns.h), or a regular expression.
  std::vector<std::string> splits = {};

  std::vector<std::string> special_tokens = {};   // empty: those usual for the type
  std::vector<std::string> protected_words = {};  // whole words that are one token wherever they stand

  std::string alphabet = {};            // characters that are tokens in any case
  int64_t alphabet_limit = 0;           // most characters beside these; 0: any
  std::optional<double> coverage = {};  // of the corpus's characters by the alphabet; none: as usual for the type
  bool byte_fallback = false;           // unknown characters as bytes (char-bpe, unigram)

  double sampling_temperature = 1;            // of several languages
  int64_t memory_limit = int64_t{512} << 20;  // bytes for all of training; 0: any
};

const std::vector<std::string>& tokenizer_types();
// Names that TokenizerRecipe::splits knows; what is no name is a pattern.
const std::vector<std::string>& split_rules();
// Throws InputError for what does not go together.
void check(const TokenizerRecipe& recipe);
// The special tokens and protected words, which lead the vocabulary in this order.
std::vector<std::string> special_tokens_of(const TokenizerRecipe& recipe);
std::vector<std::string> first_tokens_of(const TokenizerRecipe& recipe);
// Of the special tokens the one for what is unknown: "<unk>" or "[UNK]". Throws InputError where the type needs one and
// there is none.
std::string unknown_token_of(const TokenizerRecipe& recipe);
// The characters that stand for byte tokens: "<0x00>" and so on.
std::vector<std::string> byte_tokens();

// Everything around `model`, whose vocabulary begins with first_tokens_of(recipe).
TokenizerParts parts_around(ModelPtr model, const TokenizerRecipe& recipe);

}  // namespace heddle::text
