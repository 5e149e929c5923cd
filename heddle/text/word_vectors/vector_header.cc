#include "heddle/text/word_vectors/vector_header.h"

#include <charconv>
#include <limits>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

constexpr size_t kLongestHeader = 256;

void skip_blanks(std::string_view& line) {
  while (!line.empty() && (line[0] == ' ' || line[0] == '\t' || line[0] == '\r')) line.remove_prefix(1);
}

// Takes digits from the front of `line`.
std::optional<int64_t> take_number(std::string_view& line) {
  skip_blanks(line);
  if (line.empty() || line[0] < '0' || line[0] > '9') return {};
  int64_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  line.remove_prefix(static_cast<size_t>(end - line.data()));
  return error == std::errc::result_out_of_range ? std::numeric_limits<int64_t>::max() : number;
}

}  // namespace

std::optional<VectorHeader> read_vector_header(std::string_view bytes) {
  const size_t end = bytes.substr(0, kLongestHeader).find('\n');
  std::string_view line = bytes.substr(0, std::min(end, kLongestHeader));
  const auto count = take_number(line);
  if (!count || line.empty() || (line[0] != ' ' && line[0] != '\t')) return {};
  const auto width = take_number(line);
  skip_blanks(line);
  if (!width || !line.empty()) return {};
  return VectorHeader{*count, *width, end == bytes.npos ? bytes.size() : end + 1};
}

void check_vector_header(const std::string& file, const VectorHeader& header, size_t file_bytes, int64_t least_bytes,
                         int64_t value_bytes) {
  if (header.count == 0 || header.width == 0)
    fail_input("{}:1: the first line promises {} words with {} values each; a file of vectors has at least one of both",
               file, header.count, header.width);
  const auto rest = static_cast<int64_t>(file_bytes - header.bytes);
  const int64_t most = rest + 1;  // the last line's end may be missing
  if (header.width > most / value_bytes || header.count > most / (least_bytes + value_bytes * header.width))
    fail_input(
        "{}:1: the first line promises {} words with {} values each, which cannot stand in the {} bytes that follow; "
        "the "
        "file is cut short or damaged",
        file, header.count, header.width, rest);
}

}  // namespace heddle::text
