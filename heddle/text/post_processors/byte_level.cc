#include "heddle/text/post_processors/byte_level.h"

#include "heddle/text/byte_level.h"
#include "heddle/text/unicode/properties.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

bool is_space(int32_t c) { return c == character_of_byte(' ') || properties_of(c).is_space(); }

int64_t leading_spaces(std::string_view token) {
  int64_t count = 0;
  for (size_t at = 0; at < token.size(); ++count) {
    const CodePoint point = decode(token.data() + at);
    if (!is_space(point.value)) break;
    at += static_cast<size_t>(point.length);
  }
  return count;
}

int64_t trailing_spaces(std::string_view token) {
  int64_t count = 0;
  for (size_t end = token.size(); end > 0; ++count) {
    const CodePoint point = decode_before(token, end);
    if (!is_space(point.value)) break;
    end -= static_cast<size_t>(point.length);
  }
  return count;
}

}  // namespace

void trim_offsets(Encoding& encoding, bool add_prefix_space) {
  for (size_t i = 0; i < encoding.size(); ++i) {
    Offsets& offsets = encoding.offsets[i];
    int64_t leading = leading_spaces(encoding.tokens[i]);
    const int64_t trailing = trailing_spaces(encoding.tokens[i]);
    const bool is_first = i == 0 || offsets.begin == 0;
    if (leading == 1 && is_first && add_prefix_space) leading = 0;
    if (leading > 0) offsets.begin = std::min(offsets.begin + leading, offsets.end);
    if (trailing > 0 && offsets.end >= trailing) offsets.end = std::max(offsets.end - trailing, offsets.begin);
  }
  for (Encoding& part : encoding.overflowing) trim_offsets(part, add_prefix_space);
}

std::vector<Encoding> ByteLevelProcessor::process(std::vector<Encoding> parts, bool) const {
  if (options_.trim_offsets)
    for (Encoding& part : parts) trim_offsets(part, options_.add_prefix_space);
  return parts;
}

}  // namespace heddle::text
