#include "heddle/text/word_vectors/vector_line.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

namespace heddle::text {
namespace {

constexpr std::string_view kBlanks = " \t\r";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// The whole field as a number; numbers too small for an f32 become the nearest.
bool read_number(std::string_view field, float& value) {
  const char* end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return false;
  if (error == std::errc::result_out_of_range) value = std::strtof(std::string(field).c_str(), nullptr);
  return true;
}

// The last field of `line`, which is cut off with the blanks before it.
std::string_view take_last(std::string_view& line) {
  const size_t blank = line.find_last_of(kBlanks);
  const std::string_view field = line.substr(blank + 1);
  line = blank == line.npos ? std::string_view() : line.substr(0, line.find_last_not_of(kBlanks, blank) + 1);
  return field;
}

std::string_view without_blanks_at_end(std::string_view line) {
  return line.substr(0, line.find_last_not_of(kBlanks) + 1);
}

int64_t count_fields(std::string_view line) {
  int64_t count = 0;
  for (line = without_blanks_at_end(line); !line.empty(); ++count) take_last(line);
  return count;
}

std::string shortened(std::string_view field) {
  return field.size() <= 40 ? std::string(field) : std::string(field.substr(0, 40)) + "…";
}

std::string wrong_field_count(std::string_view line, size_t width) {
  return fmt::format("has {} fields; expected a word and {} numbers, as in the lines before", count_fields(line),
                     width);
}

// A word of several fields, of which only the first may be a number: else the line has too many numbers.
bool is_word(std::string_view word) {
  float ignored;
  while (word.find_first_of(kBlanks) != word.npos)
    if (read_number(take_last(word), ignored)) return false;
  return true;
}

}  // namespace

int64_t numbers_at_end(std::string_view line) {
  line = without_blanks_at_end(line);
  float ignored;
  int64_t count = 0;
  for (;; ++count) {
    const std::string_view field = take_last(line);
    if (line.empty() || !read_number(field, ignored)) return count;
  }
}

std::string read_vector_line(std::string_view line, std::string_view& word, std::span<float> to) {
  const std::string_view whole = line;
  line = without_blanks_at_end(line);
  if (line.empty()) return "is empty; expected a word and its numbers";
  if (is_blank(line[0])) return "begins with a blank; expected a word";
  if (line.find('\0') != line.npos) return "holds a NUL byte; this is no text";
  for (size_t i = to.size(); i-- > 0;) {
    const std::string_view field = take_last(line);
    if (line.empty()) return wrong_field_count(whole, to.size());
    if (!read_number(field, to[i]))
      return count_fields(whole) == std::ssize(to) + 1
                 ? fmt::format("has \"{}\" as value {}; expected a number", shortened(field), i + 1)
                 : wrong_field_count(whole, to.size());
    if (!std::isfinite(to[i]))
      return fmt::format("has \"{}\" as value {}, which is no finite f32", shortened(field), i + 1);
  }
  if (!is_word(line)) return wrong_field_count(whole, to.size());
  word = line;
  return {};
}

}  // namespace heddle::text
