#pragma once
// A tokenizer from whatever file or folder holds one, told apart by content and name:
//   tokenizer.json               of the `tokenizers` library, or this program's own
//   *.model, *.spm               SentencePiece
//   vocab.json and merges.txt    GPT-2, RoBERTa; one of them named, or the folder
//   vocab.txt                    BERT
//   *.tiktoken                   ranks; the file's name says which pattern, or the options

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "heddle/text/tokenizer.h"

namespace heddle::text {

// What a file may leave unsaid.
struct LoadOptions {
  std::string encoding = {};                     // of tiktoken; empty: the file's name
  std::vector<std::string> special_tokens = {};  // of tiktoken, with the ids after the last rank
  std::optional<bool> lowercase = {};            // of vocab.txt; none: by its tokens
  bool portable = false;                         // of SentencePiece: in parts that the tokenizers library knows
};

// Throws InputError, naming the file, for what is none of these.
Tokenizer load_tokenizer(const std::filesystem::path& path, const LoadOptions& options = {});

}  // namespace heddle::text
