#pragma once
// The lines of a file that is UTF-8: what stands before each LF or CR LF, and what is left after the last if anything.

#include <string>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"

namespace heddle::text {

// Calls use(line, number), numbers from 1 on. Throws InputError for bytes that are no UTF-8.
template <class Use>
void each_line(std::string_view text, const std::string& source_name, Use&& use) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!is_valid_utf8(line)) fail_input("{}:{}: this is no text in UTF-8", source_name, number);
    if (line.find('\0') != std::string_view::npos) fail_input("{}:{}: there is a zero byte", source_name, number);
    use(line, number);
  }
}

}  // namespace heddle::text
