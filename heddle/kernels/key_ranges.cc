#include "heddle/kernels/key_ranges.h"

#include <algorithm>

namespace heddle::kernels {

std::vector<KeyRange> united(std::vector<KeyRange> ranges) {
  std::erase_if(ranges, [](const KeyRange& range) { return range.begin >= range.end; });
  std::ranges::sort(ranges, {}, &KeyRange::begin);
  std::vector<KeyRange> apart;
  for (const KeyRange& range : ranges)
    if (!apart.empty() && range.begin <= apart.back().end) apart.back().end = std::max(apart.back().end, range.end);
    else apart.push_back(range);
  return apart;
}

std::vector<KeyRange> in_both(std::span<const KeyRange> a, std::span<const KeyRange> b) {
  std::vector<KeyRange> keys;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const int64_t begin = std::max(a[i].begin, b[j].begin), end = std::min(a[i].end, b[j].end);
    if (begin < end) keys.push_back({begin, end});
    a[i].end < b[j].end ? ++i : ++j;
  }
  return keys;
}

}  // namespace heddle::kernels
