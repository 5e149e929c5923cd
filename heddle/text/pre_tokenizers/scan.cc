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

}  // namespace

constinit const std::array<Kinds, 128> kAsciiKinds = make_ascii_kinds();

Kinds kinds_of(int32_t c) {
  if (c < 0x80) return kAsciiKinds[static_cast<size_t>(c)];
  const Properties& properties = properties_of(c);
  return static_cast<Kinds>(kCategoryKinds[properties.category_number] | (properties.is_space() ? kSpace : 0));
}

}  // namespace heddle::text
