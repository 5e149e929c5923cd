#pragma once
// Lines of a text file, plain, gzip or zstd, one at a time. Only LF ends a line.
//
// Memory is bounded by the longest line allowed, so an archive that unpacks to one endless line is
// an error, not an exhausted machine.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "heddle/data/byte_source.h"

namespace heddle::data {

class LineReader {
 public:
  static constexpr size_t kLongestLine = size_t{1} << 20;  // bytes

  // Throws InputError when the file cannot be opened.
  explicit LineReader(std::filesystem::path file, size_t longest_line = kLongestLine);

  // The next line without its LF (a CR before it stays); false at the end. A last line without LF
  // counts. Throws InputError for a line over the limit, for NUL bytes (a binary file) and for a
  // truncated or damaged archive.
  bool next(std::string& line);
  // Of the line that next() gave last, from 1; 0 before the first.
  int64_t line_number() const { return line_number_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  bool refill();

  std::filesystem::path file_;
  std::unique_ptr<ByteSource> source_;
  size_t longest_line_;
  std::string buffer_;  // bytes read, of which those before at_ are used up
  size_t at_ = 0;
  int64_t line_number_ = 0;
};

}  // namespace heddle::data
