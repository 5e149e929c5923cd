#pragma once
// A character map compiled by SentencePiece: a double array (Aoe 1989, as darts-clone stores it) over UTF-8 from
// strings to what they become.

#include "heddle/text/normalizers/normalizer.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::text {

// The map as SentencePiece stores it: the size of the array in bytes, the array (32-bit units), then texts that each
// end with a zero byte; all little-endian.
class Precompiled : public Normalizer {
 public:
  // Throws InputError when sizes or places in the map do not fit.
  explicit Precompiled(std::string charsmap);
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;

 private:
  // What the shortest mapped prefix of `text` becomes; nullopt: none is mapped. As the tokenizers library does, the
  // result stands for all of `text`.
  std::optional<std::string_view> find(std::string_view text) const;

  std::string charsmap_;
  std::vector<uint32_t> units_;
  std::string_view texts_;
};

}  // namespace heddle::text
