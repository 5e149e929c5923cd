#pragma once
// Pieces of a given number of code points.

#include "heddle/text/pre_tokenizers/pre_tokenizer.h"

namespace heddle::text {

class FixedLength : public PreTokenizer {
 public:
  explicit FixedLength(int64_t length) : length_(length) {}  // at least 1
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;

 private:
  int64_t length_;
};

}  // namespace heddle::text
