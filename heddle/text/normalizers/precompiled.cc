#include "heddle/text/normalizers/precompiled.h"

#include <vector>

#include "heddle/base/error.h"
#include "heddle/text/json/base64.h"
#include "heddle/text/unicode/graphemes.h"

namespace heddle::text {
namespace {

// Clusters of more bytes are mapped code point by code point.
constexpr size_t kLongestCluster = 5;

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

void Precompiled::apply(AlignedText& text) const {
  const std::string_view old = text.text();
  std::vector<Change> changes;
  changes.reserve(old.size());
  bool changed = false;
  const size_t most = 256 * old.size() + (1 << 16);
  const auto map = [&](std::string_view part) {
    const auto found = map_.shortest(part);
    if (!found) return false;
    if (changes.size() + found->becomes.size() > most)
      fail_input("the character map makes more than {} characters of a text of {} bytes", changes.size(), old.size());
    replace(changes, part, found->becomes);  // for all of the part, as in the tokenizers library
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
  json.member("precompiled_charsmap", to_base64(map_.bytes()));
}

}  // namespace heddle::text
