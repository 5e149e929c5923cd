#pragma once
// Small letters, one code point at a time.

#include "heddle/text/normalizers/normalizer.h"

namespace heddle::text {

class Lowercase : public Normalizer {
 public:
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;
};

}  // namespace heddle::text
