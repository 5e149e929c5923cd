#include "heddle/text/pre_tokenizers/scan.h"

namespace heddle::text {
namespace {

constexpr Kinds kinds_of_category(Category category) {
  using enum Category;
  switch (category) {
    case Lu:
    case Lt: return kLetter | kUpper;
    case Ll: return kLetter | kLower;
    case Lm:
    case Lo: return kLetter | kUpper | kLower;
    case Mn:
    case Mc:
    case Me: return kMark | kUpper | kLower;
    case Nd:
    case Nl:
    case No: return kNumber;
    case Pc:
    case Pd:
    case Ps:
    case Pe:
    case Pi:
    case Pf:
    case Po: return kPunctuation;
    case Sm:
    case Sc:
    case Sk:
    case So: return kSymbol;
    default: return 0;
  }
}

constexpr Kinds kinds_of_ascii(int c) {
  if (c >= 'A' && c <= 'Z') return kLetter | kUpper;
  if (c >= 'a' && c <= 'z') return kLetter | kLower;
  if (c >= '0' && c <= '9') return kNumber;
  if (c == '\r' || c == '\n') return kSpace | kLineEnd;
  if (c == ' ' || (c >= '\t' && c <= '\f')) return kSpace;
  if (c < ' ' || c == 0x7F) return 0;
  return std::string_view("$+<=>^`|~").find(static_cast<char>(c)) == std::string_view::npos ? kPunctuation : kSymbol;
}

constexpr std::array<Kinds, 128> make_ascii_kinds() {
  std::array<Kinds, 128> kinds{};
  for (int c = 0; c < 128; ++c) kinds[static_cast<size_t>(c)] = kinds_of_ascii(c);
  return kinds;
}

constexpr std::array<Kinds, 32> make_category_kinds() {
  std::array<Kinds, 32> kinds{};
  for (size_t i = 0; i < kinds.size(); ++i) kinds[i] = kinds_of_category(static_cast<Category>(i));
  return kinds;
}

constexpr std::array<Kinds, 32> kCategoryKinds = make_category_kinds();

Kinds kinds_by_property(int32_t c) {
  const Properties& properties = properties_of(c);
  return static_cast<Kinds>(kCategoryKinds[properties.category_number] | (properties.is_space() ? kSpace : 0));
}

// Of every 256 code points up to U+FFFF the kinds that all of them have, or kMixed. Most pages hold one alphabet, and
// those of Chinese nothing but letters.
constexpr Kinds kMixed = 0xFFFF;

std::array<Kinds, 256> make_page_kinds() {
  std::array<Kinds, 256> kinds{};
  for (int32_t page = 0; page < 256; ++page) {
    Kinds& found = kinds[static_cast<size_t>(page)] = kinds_by_property(page << 8);
    for (int32_t c = page << 8; c < (page + 1) << 8; ++c)
      if (kinds_by_property(c) != found) found = kMixed;
  }
  return kinds;
}

}  // namespace

constinit const std::array<Kinds, 128> kAsciiKinds = make_ascii_kinds();

Kinds kinds_of(int32_t c) {
  if (c < 0x80) return kAsciiKinds[static_cast<size_t>(c)];
  static const std::array<Kinds, 256> page_kinds = make_page_kinds();
  const Kinds of_page = c < 0x10000 ? page_kinds[static_cast<size_t>(c >> 8)] : kMixed;
  return of_page == kMixed ? kinds_by_property(c) : of_page;
}

}  // namespace heddle::text
