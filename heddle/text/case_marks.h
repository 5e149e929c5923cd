#pragma once
// Case as marks of its own, so that "The", "the" and "THE" share the token "the": a normalizer that puts a mark before
// what is written large and makes it small, and the decoder that takes it back. What comes out of the one, the other
// turns into the very same text: a few letters that are not the capital of their small form, such as U+0130, stay.
//
//   ⇧   the next letter is a capital                The cat     ⇧the cat
//   ⇪   all letters of the run are                  in the USA  in the⇪ usa
//   ⇩   that run ends within a word                 HTTPServer  ⇪https⇩erver
//   ⇩   before one of these three: it is meant as it stands
//
// A mark stands before the space before its letter, so that a word is the same piece wherever it stands.
// The `tokenizers` library has no such parts, so it cannot load a file with them; nothing in its own parts gives the
// same.

#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/decoders/decoder.h"
#include "heddle/text/normalizers/normalizer.h"

namespace heddle::text {

struct CaseMarkOptions {
  // A text begins with a space that is not its own, as all its words do. For pieces that begin with their space.
  bool prefix_space = false;
  // The decoder gets words with spaces put between, so that a space behind a mark is none of the text's.
  bool words_are_joined = false;
};

inline constexpr std::string_view kCaseMarks[] = {"⇧", "⇪", "⇩"};

class CaseMarks : public Normalizer {
 public:
  explicit CaseMarks(CaseMarkOptions options) : options_(options) {}
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;  // "HeddleCaseMarks"

 private:
  CaseMarkOptions options_;
};

// Joins all tokens first.
class CaseMarksDecoder : public Decoder {
 public:
  explicit CaseMarksDecoder(CaseMarkOptions options) : options_(options) {}
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  std::string restored(std::string_view text) const;

  CaseMarkOptions options_;
};

CaseMarkOptions read_case_marks(const JsonView& json);

}  // namespace heddle::text
