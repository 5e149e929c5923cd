#pragma once
// Lines of a text file, plain, gzip or zstd, one at a time. Only LF ends a line.
//
// Memory is bounded by the longest line allowed, so an archive that unpacks to one endless line is
// an error, not an exhausted machine.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "heddle/data/byte_source.h"

namespace heddle::data {

struct ReadLimits {
  size_t longest_line = size_t{1} << 20;  // bytes
  UnpackLimits unpacked = {};
};

class LineReader {
 public:
  static constexpr size_t kLongestLine = ReadLimits{}.longest_line;
  static constexpr size_t kPadding = 64;  // bytes that may be read behind a line, whatever they hold

  // Throws InputError when the file cannot be opened.
  explicit LineReader(std::filesystem::path file, const ReadLimits& limits = {});

  // The next line without its LF (a CR before it stays); false at the end. A last line without LF
  // counts; a byte order mark before the first does not. The view lives until the next call. Throws
  // InputError for a line over the limit, for NUL bytes (a binary file), for UTF-16, and for an
  // archive that is damaged, cut short, or beyond its limits.
  bool next(std::string_view& line);
  bool next(std::string& line);  // the same, copied
  // Of the line that next() gave last, from 1; 0 before the first.
  int64_t line_number() const { return line_number_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  bool refill();
  void skip_byte_order_mark();

  std::filesystem::path file_;
  std::unique_ptr<ByteSource> source_;
  size_t longest_line_;
  std::unique_ptr<char[]> buffer_;  // bytes read; at_ … end_ are not used up
  size_t capacity_ = 0, at_ = 0, end_ = 0;
  size_t nul_;  // the first NUL byte at or after at_; end_ if there is none
  int64_t line_number_ = 0;
};

}  // namespace heddle::data
