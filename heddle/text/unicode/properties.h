#pragma once
// What a code point is: its general category, script, combining class and the like, as the `tokenizers` library sees
// it.

#include <cstdint>
#include <memory>

namespace heddle::text {

// Unicode's general categories, in the order of the generated table.
enum class Category : uint8_t {
  Cn,
  Lu,
  Ll,
  Lt,
  Lm,
  Lo,
  Mn,
  Mc,
  Me,
  Nd,
  Nl,
  No,
  Pc,
  Pd,
  Ps,
  Pe,
  Pi,
  Pf,
  Po,
  Sm,
  Sc,
  Sk,
  So,
  Zs,
  Zl,
  Zp,
  Cc,
  Cf,
  Co,
  Cs
};

// How a code point takes part in grapheme clusters (Unicode Standard Annex 29).
enum class ClusterBreak : uint8_t {
  other,
  carriage_return,
  line_feed,
  control,
  extend,
  joiner,
  prepend,
  pictographic,
  hangul_l,
  hangul_v,
  hangul_t,
  hangul_lv,
  hangul_lvt
};

struct Properties {
  uint8_t category_number;
  uint16_t flags;
  uint8_t script;  // a number; 0 goes with any script
  uint8_t cluster_break_number;
  uint8_t combining_class;

  Category category() const { return static_cast<Category>(category_number); }
  ClusterBreak cluster_break() const { return static_cast<ClusterBreak>(cluster_break_number); }
  bool is_letter() const { return category_number >= 1 && category_number <= 5; }
  bool is_mark() const { return category_number >= 6 && category_number <= 8; }
  bool is_number() const { return category_number >= 9 && category_number <= 11; }
  bool is_space() const { return flags & 1; }
  bool is_numeric() const { return flags & 2; }         // of the digits pre-tokenizer
  bool is_word() const { return flags & 4; }            // \w of the white space pre-tokenizer and of added tokens
  bool is_punctuation() const { return flags & 8; }     // of the punctuation and BERT pre-tokenizers
  bool is_control() const { return flags & 16; }        // what BERT's normalizer removes
  bool is_nonspacing() const { return flags & 32; }     // accents, as BERT's normalizer strips them
  bool is_combining() const { return flags & 64; }      // accents, as StripAccents strips them
  bool is_ideograph() const { return flags & 128; }     // Chinese characters, as BERT's normalizer finds them
  bool is_pattern_word() const { return flags & 256; }  // \w of Split and Replace
};

// The properties of every code point, in pages of 256; equal pages are stored once.
class PropertyTable {
 public:
  static const PropertyTable& instance();

  const Properties& operator[](int32_t code_point) const {
    const auto c = static_cast<uint32_t>(code_point);
    return records_[cells_[static_cast<size_t>(pages_[c >> 8]) << 8 | (c & 255)]];
  }

 private:
  PropertyTable();

  const Properties* records_;
  uint16_t pages_[0x1100];
  std::unique_ptr<uint16_t[]> cells_;
};

// c is a code point, 0 to 0x10FFFF.
inline const Properties& properties_of(int32_t c) { return PropertyTable::instance()[c]; }

}  // namespace heddle::text
