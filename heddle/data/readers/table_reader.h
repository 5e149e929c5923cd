#pragma once
// Tables: CSV with quotes (RFC 4180), TSV and other separators without.

#include "heddle/data/readers/record_reader.h"
#include "heddle/data/readers/text_lines.h"

namespace heddle::data {

struct TableStyle {
  char separator = '\t';
  bool quotes = false;  // a field may be "in quotes", with "" for a quote, and then hold separators and line ends
  bool header = true;   // the first line names the columns
};

class TableReader : public RecordReader {
 public:
  // Without a header, `names` names the columns; empty: "1", "2", …. Throws InputError for an empty file that should
  // have a header, names that are there twice, and other numbers of names than columns.
  TableReader(const std::filesystem::path& file, const TableStyle& style, const std::vector<std::string>& names,
              const ReadLimits& limits);

  // Throws InputError for a row with other columns than the first, a quote that is never closed, and text behind a
  // closing quote.
  bool next(Record& record) override;
  int64_t broken_lines() const override { return lines_.broken(); }
  int64_t first_broken_line() const override { return lines_.first_broken(); }

 private:
  bool next_row(Record& record);
  void join_lines(std::string_view line, int64_t first_line);
  void split_quoted(Record& record);
  void take_names(const Record& record);

  TextLines lines_;
  TableStyle style_;
  size_t longest_row_;
  std::string row_;  // of a row with quotes, its fields' text without them
  Record first_;     // the first row, where it is no header
  bool has_first_ = false;
  size_t count_ = 0;  // columns
};

}  // namespace heddle::data
