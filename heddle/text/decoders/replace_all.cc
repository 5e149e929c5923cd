#include "heddle/text/decoders/replace_all.h"

#include "heddle/text/utf8.h"

namespace heddle::text {

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  if (from.empty()) {
    for (size_t at = 0; at < text.size();) {
      const auto length = static_cast<size_t>(read_code_point(text, at).length);
      result.append(to).append(text, at, length);
      at += length;
    }
    return result.append(to);
  }
  size_t done = 0;
  for (size_t at = text.find(from); at != std::string_view::npos; at = text.find(from, done)) {
    result.append(text, done, at - done).append(to);
    done = at + from.size();
  }
  return result.append(text, done);
}

}  // namespace heddle::text
