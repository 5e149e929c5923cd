#pragma once
// Lines of a text file, plain, gzip or zstd, one at a time. Only LF ends a line.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace heddle::data {

class LineReader {
 public:
  // Throws InputError when the file cannot be opened.
  explicit LineReader(std::filesystem::path file);
  ~LineReader();
  LineReader(LineReader&&) noexcept;

  // The next line without its LF; false at the end. A last line without LF counts. Throws InputError for
  // a line over 1 MiB, for NUL bytes (a binary file) and for a truncated or damaged archive.
  bool next(std::string& line);
  int64_t line_number() const { return line_number_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  class Source;  // decompressed bytes

  bool refill();

  std::filesystem::path file_;
  std::unique_ptr<Source> source_;
  std::string buffer_;
  size_t at_ = 0;
  int64_t line_number_ = 0;
};

}  // namespace heddle::data
