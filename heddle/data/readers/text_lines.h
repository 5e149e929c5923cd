#pragma once
// Lines as text: without CR at their end, with U+FFFD for what is not UTF-8, which is counted.

#include <string>

#include "heddle/data/line_reader.h"

namespace heddle::data {

class TextLines {
 public:
  TextLines(const std::filesystem::path& file, const ReadLimits& limits) : lines_(file, limits) {}

  // The view lives until the next call; LineReader::kPadding bytes behind it may be read. Errors as LineReader's.
  bool next(std::string_view& line);
  // The same without the repair, for who can do it later: repair() tells whether there was something to repair.
  bool next_unchecked(std::string_view& line);
  bool repair(std::string_view& line);
  int64_t line_number() const { return lines_.line_number(); }
  int64_t broken() const { return broken_; }              // lines repaired
  int64_t first_broken() const { return first_broken_; }  // its number, 0: none

  // "FILE:LINE", for errors about the line that next() gave last.
  std::string place() const;

 private:
  LineReader lines_;
  std::string repaired_;
  int64_t broken_ = 0, first_broken_ = 0;
};

}  // namespace heddle::data
