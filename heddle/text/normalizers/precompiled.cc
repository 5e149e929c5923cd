#include "heddle/text/normalizers/precompiled.h"

#include <bit>
#include <cstring>

#include "heddle/base/error.h"
#include "heddle/text/json/base64.h"
#include "heddle/text/unicode/graphemes.h"

namespace heddle::text {
namespace {

// Clusters of more bytes are mapped code point by code point.
constexpr size_t kLongestCluster = 5;

// A unit of the double array. Children stand at `children()` xor their byte, the value at `children()` itself.
struct Unit {
  uint32_t bits;
  bool has_value() const { return bits >> 8 & 1; }
  uint32_t value() const { return bits & 0x7FFFFFFF; }
  uint32_t label() const { return bits & 0x800000FF; }
  uint32_t offset() const { return bits >> 10 << ((bits & 0x200) >> 6); }
};

// A code point of the new text, and Rewrite::change's number for it.
struct Change {
  int32_t c;
  int change;
};

// `before` becomes `after`: code points in place of each other, those left over new or dropped.
void replace(std::vector<Change>& changes, std::string_view before, std::string_view after) {
  size_t added = 0;
  for (size_t at = 0; at < after.size(); ++added) {
    const CodePoint point = decode(after.data() + at);
    changes.push_back({point.value, 0});
    at += static_cast<size_t>(point.length);
  }
  const size_t removed = count_code_points(before);
  // As in the tokenizers library: what has no code point to drop at is dropped where the text before ends.
  if (added < removed && !changes.empty()) changes.back().change -= static_cast<int>(removed - added);
  for (size_t i = removed; i < added; ++i) changes[changes.size() - 1 - (i - removed)].change = 1;
}

}  // namespace

Precompiled::Precompiled(std::string charsmap) : charsmap_(std::move(charsmap)) {
  static_assert(std::endian::native == std::endian::little);
  uint32_t bytes = 0;
  if (charsmap_.size() < sizeof(bytes)) fail_input("a character map of {} bytes has no size", charsmap_.size());
  std::memcpy(&bytes, charsmap_.data(), sizeof(bytes));
  bytes -= bytes % 4;
  if (bytes == 0 || bytes > charsmap_.size() - sizeof(bytes))
    fail_input("a character map of {} bytes says that its array has {}", charsmap_.size(), bytes);
  units_.resize(bytes / 4);
  std::memcpy(units_.data(), charsmap_.data() + sizeof(bytes), bytes);
  texts_ = std::string_view(charsmap_).substr(sizeof(bytes) + bytes);
  if (!is_valid_utf8(texts_)) fail_input("the texts of a character map are not UTF-8");
}

std::optional<std::string_view> Precompiled::find(std::string_view text) const {
  size_t at = Unit{units_[0]}.offset();
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    at ^= byte;
    if (byte == 0 || at >= units_.size()) return std::nullopt;
    const Unit unit{units_[at]};
    if (unit.label() != byte) return std::nullopt;
    at ^= unit.offset();
    if (!unit.has_value()) continue;
    if (at >= units_.size()) return std::nullopt;
    const size_t begin = Unit{units_[at]}.value();
    if (begin > texts_.size() || (begin < texts_.size() && is_continuation(texts_[begin]))) return std::nullopt;
    return texts_.substr(begin, texts_.find('\0', begin) - begin);
  }
  return std::nullopt;
}

void Precompiled::apply(AlignedText& text) const {
  const std::string_view old = text.text();
  std::vector<Change> changes;
  changes.reserve(old.size());
  bool changed = false;
  const auto map = [&](std::string_view part) {
    const auto found = find(part);
    if (!found) return false;
    replace(changes, part, *found);
    return changed = true;
  };
  for (size_t at = 0; at < old.size();) {
    const size_t end = cluster_end(old, at);
    if (end - at <= kLongestCluster && map(old.substr(at, end - at))) {
      at = end;
      continue;
    }
    while (at < end) {
      const CodePoint point = decode(old.data() + at);
      if (!map(old.substr(at, static_cast<size_t>(point.length)))) changes.push_back({point.value, 0});
      at += static_cast<size_t>(point.length);
    }
  }
  if (!changed) return;
  Rewrite out(text);
  for (const Change& change : changes) out.change(change.c, change.change);
  out.finish();
}

void Precompiled::write(JsonWriter& json) const {
  json.member("type", "Precompiled");
  json.member("precompiled_charsmap", to_base64(charsmap_));
}

}  // namespace heddle::text
