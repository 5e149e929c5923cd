#pragma once
// Decoders of word pieces: continued tokens go to the one before, and English punctuation loses the space before it.

#include "heddle/text/decoders/decoder.h"

namespace heddle::text {

// " ." becomes ".", " n't" becomes "n't", and the like.
std::string clean_up_english(std::string_view text);

class WordPieceDecoder : public Decoder {
 public:
  WordPieceDecoder(std::string prefix, bool cleanup) : prefix_(std::move(prefix)), cleanup_(cleanup) {}
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  std::string prefix_;  // of a token that continues a word
  bool cleanup_;
};

// Sennrich's way (2016): a token that ends a word has a suffix, "</w>".
class BpeDecoder : public Decoder {
 public:
  explicit BpeDecoder(std::string suffix) : suffix_(std::move(suffix)) {}
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  std::string suffix_;
};

// Connectionist temporal classification (Graves et al. 2006): repeats are one, the blank goes, a delimiter is a space.
class CtcDecoder : public Decoder {
 public:
  CtcDecoder(std::string pad_token, std::string word_delimiter_token, bool cleanup)
      : pad_token_(std::move(pad_token)), word_delimiter_token_(std::move(word_delimiter_token)), cleanup_(cleanup) {}
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  std::string pad_token_, word_delimiter_token_;
  bool cleanup_;
};

}  // namespace heddle::text
