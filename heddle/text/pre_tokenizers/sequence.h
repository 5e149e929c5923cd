#pragma once
// One pre-tokenizer after the other.

#include <vector>

#include "heddle/text/pre_tokenizers/pre_tokenizer.h"

namespace heddle::text {

class PreTokenizerSequence : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(std::vector<PreTokenizerPtr> pre_tokenizers)
      : pre_tokenizers_(std::move(pre_tokenizers)) {}
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;
  bool needs_origins() const override;

 private:
  std::vector<PreTokenizerPtr> pre_tokenizers_;
};

}  // namespace heddle::text
