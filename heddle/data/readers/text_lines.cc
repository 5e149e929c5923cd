#include "heddle/data/readers/text_lines.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "heddle/base/utf8.h"

namespace heddle::data {

bool TextLines::next(std::string_view& line) {
  if (!next_unchecked(line)) return false;
  repair(line);
  return true;
}

bool TextLines::next_unchecked(std::string_view& line) {
  if (!lines_.next(line)) return false;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

bool TextLines::repair(std::string_view& line) {
  if (simdjson::validate_utf8(line.data(), line.size())) return false;
  repaired_ = repair_utf8(line);
  repaired_.reserve(repaired_.size() + LineReader::kPadding);
  line = repaired_;
  if (broken_++ == 0) first_broken_ = line_number();
  return true;
}

std::string TextLines::place() const { return fmt::format("{}:{}", lines_.file().string(), line_number()); }

}  // namespace heddle::data
