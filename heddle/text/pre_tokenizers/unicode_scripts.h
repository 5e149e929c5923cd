#pragma once
// Cuts where the script changes; Japanese writes in three scripts, which count as one.

#include "heddle/text/pre_tokenizers/pre_tokenizer.h"

namespace heddle::text {

class UnicodeScripts : public PreTokenizer {
 public:
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;
};

}  // namespace heddle::text
