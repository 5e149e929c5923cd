#pragma once
// Every byte becomes the printable character that byte-level BPE knows it by (heddle/text/byte_level.h).

#include "heddle/text/normalizers/normalizer.h"

namespace heddle::text {

class ByteLevelNormalizer : public Normalizer {
 public:
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;
};

}  // namespace heddle::text
