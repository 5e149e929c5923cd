#pragma once
// Cuts at whatever a pattern finds, or, inverted, at what it does not find.

#include "heddle/text/pattern.h"
#include "heddle/text/pre_tokenizers/known_patterns.h"
#include "heddle/text/pre_tokenizers/pre_tokenizer.h"
#include "heddle/text/pre_tokenizers/split_behavior.h"

namespace heddle::text {

class Split : public PreTokenizer {
 public:
  Split(Pattern pattern, SplitBehavior behavior, bool invert);
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;

 private:
  Pattern pattern_;
  SplitBehavior behavior_;
  bool invert_;
  SplitFunction by_hand_ = nullptr;  // the same, if somebody wrote it out
};

}  // namespace heddle::text
