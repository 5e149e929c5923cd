#include "heddle/text/normalizers/character_map.h"

#include <bit>
#include <cstring>

#include "heddle/base/error.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

// A unit of the double array. Children stand at `children()` xor their byte, the value at `children()` itself.
struct Unit {
  uint32_t bits;
  bool has_value() const { return bits >> 8 & 1; }
  uint32_t value() const { return bits & 0x7FFFFFFF; }
  uint32_t label() const { return bits & 0x800000FF; }
  uint32_t offset() const { return bits >> 10 << ((bits & 0x200) >> 6); }
};

}  // namespace

CharacterMap::CharacterMap(std::string map) : bytes_(std::move(map)) {
  static_assert(std::endian::native == std::endian::little);
  uint32_t size = 0;
  if (bytes_.size() < sizeof(size)) fail_input("a character map of {} bytes has no size", bytes_.size());
  std::memcpy(&size, bytes_.data(), sizeof(size));
  size -= size % 4;
  if (size == 0 || size > bytes_.size() - sizeof(size))
    fail_input("a character map of {} bytes says that its array has {}", bytes_.size(), size);
  units_.resize(size / 4);
  std::memcpy(units_.data(), bytes_.data() + sizeof(size), size);
  texts_ = std::string_view(bytes_).substr(sizeof(size) + size);
  if (!is_valid_utf8(texts_)) fail_input("the texts of a character map are not UTF-8");
}

std::optional<CharacterMap::Match> CharacterMap::find(std::string_view text, bool first) const {
  std::optional<Match> found;
  size_t at = Unit{units_[0]}.offset();
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    at ^= byte;
    if (byte == 0 || at >= units_.size()) break;
    const Unit unit{units_[at]};
    if (unit.label() != byte) break;
    at ^= unit.offset();
    if (!unit.has_value()) continue;
    if (at >= units_.size()) break;
    const size_t begin = Unit{units_[at]}.value();
    if (begin > texts_.size() || (begin < texts_.size() && is_continuation(texts_[begin]))) break;
    if (!first && i + 1 < text.size() && is_continuation(text[i + 1])) continue;
    found = {i + 1, texts_.substr(begin, texts_.find('\0', begin) - begin)};
    if (first) break;
  }
  return found;
}

}  // namespace heddle::text
