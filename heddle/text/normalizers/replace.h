#pragma once
// Whatever a pattern finds becomes another text.

#include "heddle/text/normalizers/normalizer.h"
#include "heddle/text/pattern.h"

namespace heddle::text {

class Replace : public Normalizer {
 public:
  Replace(Pattern pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;

 private:
  Pattern pattern_;
  std::string content_;
};

}  // namespace heddle::text
