#include "heddle/text/unicode/graphemes.h"

#include "heddle/text/unicode/properties.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

bool is_control(ClusterBreak b) {
  return b == ClusterBreak::control || b == ClusterBreak::carriage_return || b == ClusterBreak::line_feed;
}

// Whether no boundary lies between neighbours. `pictograph_joiner`: a pictograph, its extenders and a joiner precede.
bool joined(ClusterBreak left, ClusterBreak right, bool pictograph_joiner) {
  using enum ClusterBreak;
  if (left == carriage_return && right == line_feed) return true;
  if (is_control(left) || is_control(right)) return false;
  if (right == extend || right == joiner || left == prepend) return true;
  if (right == pictographic) return pictograph_joiner;
  if (left == hangul_l) return right == hangul_l || right == hangul_v || right == hangul_lv || right == hangul_lvt;
  if (left == hangul_v || left == hangul_lv) return right == hangul_v || right == hangul_t;
  return (left == hangul_t || left == hangul_lvt) && right == hangul_t;
}

}  // namespace

size_t cluster_end(std::string_view text, size_t at) {
  const auto read = [&](size_t place) { return read_code_point(text, place); };
  CodePoint point = read(at);
  ClusterBreak left = properties_of(point.value).cluster_break();
  bool pictograph = left == ClusterBreak::pictographic, pictograph_joiner = false;
  for (at += static_cast<size_t>(point.length); at < text.size(); at += static_cast<size_t>(point.length)) {
    point = read(at);
    const ClusterBreak right = properties_of(point.value).cluster_break();
    if (!joined(left, right, pictograph_joiner)) break;
    pictograph_joiner = pictograph && right == ClusterBreak::joiner;
    pictograph = right == ClusterBreak::pictographic || (pictograph && right == ClusterBreak::extend);
    left = right;
  }
  return at;
}

}  // namespace heddle::text
