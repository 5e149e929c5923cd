#pragma once
// The cleaning of SentencePiece's nmt_* rules: control characters go, odd white space becomes a space.

#include "heddle/text/normalizers/normalizer.h"

namespace heddle::text {

class Nmt : public Normalizer {
 public:
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;
};

}  // namespace heddle::text
