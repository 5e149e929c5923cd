#include "heddle/text/pre_tokenizers/characters.h"

#include <array>

namespace heddle::text {
namespace {

constexpr auto is_whitespace = [](const Properties& properties, int32_t) { return properties.is_space(); };

// Cuts every piece at the code points for which is_delimiter(properties, code point) holds.
template <class IsDelimiter>
void split_at(Pieces& pieces, SplitBehavior behavior, IsDelimiter is_delimiter) {
  pieces.split([&](std::string_view text, auto& emit) { cut_at(text, behavior, emit, is_delimiter); });
}

}  // namespace

void WhitespaceSplit::apply(Pieces& pieces) const { split_at(pieces, SplitBehavior::removed, is_whitespace); }
void WhitespaceSplit::write(JsonWriter& json) const { json.member("type", "WhitespaceSplit"); }

void Whitespace::apply(Pieces& pieces) const {
  pieces.split([](std::string_view text, auto& emit) {
    enum class Kind { space, word, other };
    Kind last = Kind::space;
    size_t begin = 0, at = 0;
    while (at < text.size()) {
      const CodePoint point = decode(text.data() + at);
      const Properties& properties = properties_of(point.value);
      const Kind kind = properties.is_space() ? Kind::space : properties.is_word() ? Kind::word : Kind::other;
      if (kind != last) {
        if (last != Kind::space) emit(begin, at);
        begin = at;
        last = kind;
      }
      at += static_cast<size_t>(point.length);
    }
    if (last != Kind::space) emit(begin, at);
  });
}
void Whitespace::write(JsonWriter& json) const { json.member("type", "Whitespace"); }

namespace {

enum class BertKind : uint8_t { word, space, punctuation };

BertKind bert_kind(const Properties& properties) {
  return properties.is_space() ? BertKind::space : properties.is_punctuation() ? BertKind::punctuation : BertKind::word;
}

const std::array<BertKind, 128>& ascii_kinds() {
  static const auto kinds = [] {
    std::array<BertKind, 128> of_ascii;
    for (int32_t c = 0; c < 128; ++c) of_ascii[static_cast<size_t>(c)] = bert_kind(properties_of(c));
    return of_ascii;
  }();
  return kinds;
}

}  // namespace

// One pass: white space drops out, and punctuation stands alone between.
void BertPreTokenizer::apply(Pieces& pieces) const {
  pieces.split([](std::string_view text, auto& emit) {
    const std::array<BertKind, 128>& ascii = ascii_kinds();
    size_t begin = 0, at = 0;
    while (at < text.size()) {
      const auto byte = static_cast<unsigned char>(text[at]);
      BertKind kind;
      size_t next = at + 1;
      if (byte < 0x80) {
        kind = ascii[byte];
      } else {
        const CodePoint point = decode(text.data() + at);
        kind = bert_kind(properties_of(point.value));
        next = at + static_cast<size_t>(point.length);
      }
      if (kind != BertKind::word) {
        emit(begin, at);
        if (kind == BertKind::punctuation) emit(at, next);
        begin = next;
      }
      at = next;
    }
    emit(begin, at);
  });
}
void BertPreTokenizer::write(JsonWriter& json) const { json.member("type", "BertPreTokenizer"); }

void Punctuation::apply(Pieces& pieces) const {
  split_at(pieces, behavior_, [](const Properties& properties, int32_t) { return properties.is_punctuation(); });
}
void Punctuation::write(JsonWriter& json) const {
  json.member("type", "Punctuation");
  json.member("behavior", name_of(behavior_));
}

void Digits::apply(Pieces& pieces) const {
  split_at(pieces, individual_ ? SplitBehavior::isolated : SplitBehavior::contiguous,
           [](const Properties& properties, int32_t) { return properties.is_numeric(); });
}
void Digits::write(JsonWriter& json) const {
  json.member("type", "Digits");
  json.member("individual_digits", individual_);
}

void CharDelimiterSplit::apply(Pieces& pieces) const {
  split_at(pieces, SplitBehavior::removed, [this](const Properties&, int32_t c) { return c == delimiter_; });
}
void CharDelimiterSplit::write(JsonWriter& json) const {
  std::string delimiter;
  append_utf8(delimiter, delimiter_);
  json.member("type", "CharDelimiterSplit");
  json.member("delimiter", delimiter);
}

}  // namespace heddle::text
