#pragma once
// NFC, NFD, NFKC and NFKD (Unicode Standard Annex 15), by the tables of heddle/text/unicode/normalization.h.

#include "heddle/text/normalizers/normalizer.h"

namespace heddle::text {

enum class UnicodeForm { nfc, nfd, nfkc, nfkd };

class UnicodeNormalizer : public Normalizer {
 public:
  explicit UnicodeNormalizer(UnicodeForm form) : form_(form) {}
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;

 private:
  UnicodeForm form_;
};

}  // namespace heddle::text
