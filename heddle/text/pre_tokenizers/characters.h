#pragma once
// Cuts at single code points of a kind: white space, punctuation, digits, a given character.

#include "heddle/text/pre_tokenizers/pre_tokenizer.h"
#include "heddle/text/pre_tokenizers/split_behavior.h"

namespace heddle::text {

// At white space, which is dropped.
class WhitespaceSplit : public PreTokenizer {
 public:
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;
};

// Runs of word characters, and runs of what is neither that nor white space: \w+|[^\w\s]+
class Whitespace : public PreTokenizer {
 public:
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;
};

// At white space, which is dropped, and around each punctuation character (Devlin et al. 2019).
class BertPreTokenizer : public PreTokenizer {
 public:
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;
};

class Punctuation : public PreTokenizer {
 public:
  explicit Punctuation(SplitBehavior behavior) : behavior_(behavior) {}
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;

 private:
  SplitBehavior behavior_;
};

// Around each digit, or around runs of digits.
class Digits : public PreTokenizer {
 public:
  explicit Digits(bool individual) : individual_(individual) {}
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;

 private:
  bool individual_;
};

// At a given character, which is dropped.
class CharDelimiterSplit : public PreTokenizer {
 public:
  explicit CharDelimiterSplit(int32_t delimiter) : delimiter_(delimiter) {}
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;

 private:
  int32_t delimiter_;
};

}  // namespace heddle::text
