#pragma once
// What BERT (Devlin et al. 2019) does to a text before it is cut: control characters go, white space becomes a space,
// Chinese characters stand alone, accents go, letters become small; each if asked for.

#include "heddle/text/normalizers/normalizer.h"

#include <optional>

namespace heddle::text {

struct BertOptions {
  bool clean_text = true;
  bool handle_chinese_chars = true;
  std::optional<bool> strip_accents;  // none: as lowercase
  bool lowercase = true;
};

class BertNormalizer : public Normalizer {
 public:
  explicit BertNormalizer(BertOptions options);
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;

 private:
  // What a pass met that a later one has to do with.
  struct Met {
    bool accents =
        false;  // code points that are not their own canonical decomposition in canonical order, or fall away
    bool capitals = false;
  };
  Met clean(AlignedText& text) const;

  BertOptions options_;
  Rewrite::AsciiTable ascii_;  // what all passes make of it
};

}  // namespace heddle::text
