#pragma once
// White space at the ends, and accents anywhere, are taken off.

#include "heddle/text/normalizers/normalizer.h"

namespace heddle::text {

class Strip : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;

 private:
  bool left_, right_;
};

// Drops combining marks; letters that hold their accent in one code point keep it, so NFD comes first.
class StripAccents : public Normalizer {
 public:
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;
};

}  // namespace heddle::text
