#include "heddle/data/readers/table_reader.h"

#include <algorithm>
#include <unordered_set>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

void split_fields(std::string_view line, char separator, Record& record) {
  for (size_t from = 0;;) {
    const size_t at = line.find(separator, from);
    record.add_column(line.substr(from, at - from));
    if (at == std::string_view::npos) return;
    from = at + 1;
  }
}

// Whether a row is still inside quotes at the end of `line`, when it was `inside` at its beginning.
bool open_after(std::string_view line, char separator, bool inside) {
  bool field_starts = true;
  for (size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (inside) {
      if (c != '"') continue;
      if (at + 1 < line.size() && line[at + 1] == '"') ++at;
      else inside = false;
    } else if (c == '"' && field_starts) {
      inside = true;
    }
    field_starts = c == separator;
  }
  return inside;
}

}  // namespace

TableReader::TableReader(const std::filesystem::path& file, const TableStyle& style,
                         const std::vector<std::string>& names, const ReadLimits& limits)
    : RecordReader(file), lines_(file, limits), style_(style), longest_row_(limits.longest_line) {
  has_first_ = next_row(first_);
  if (style.header) {
    if (!has_first_) fail_input("{} is empty; expected a line that names the columns", file.string());
    take_names(first_);
    has_first_ = false;
  } else {
    columns_ = names;
    if (names.empty())
      for (size_t i = 0; i < first_.columns(); ++i) columns_.push_back(std::to_string(i + 1));
    if (has_first_ && first_.columns() != columns_.size())
      fail_input("{}: {} columns, but {} names are given for them: {}", lines_.place(), first_.columns(),
                 columns_.size(), fmt::join(names, ", "));
  }
  count_ = columns_.size();
}

void TableReader::take_names(const Record& record) {
  std::unordered_set<std::string_view> seen;
  for (size_t i = 0; i < record.columns(); ++i) {
    if (!seen.insert(record[i]).second)
      fail_input("{}: two columns are named \"{}\"; if this line is no header, say so", lines_.place(), record[i]);
    columns_.emplace_back(record[i].empty() ? std::to_string(i + 1) : std::string(record[i]));
  }
}

bool TableReader::next(Record& record) {
  if (has_first_) {
    record = first_;
    has_first_ = false;
    return true;
  }
  // An empty line is no row of several columns: many files end in one.
  do {
    if (!next_row(record)) return false;
  } while (count_ > 1 && record.columns() == 1 && record[0].empty());
  if (record.columns() != count_)
    fail_input(
        "{}:{}: {} columns, but the first line has {}; {}", file_.string(), record.line, record.columns(), count_,
        style_.quotes ? "a separator inside a text needs quotes around the text" : "a tab inside a text must go");
  return true;
}

bool TableReader::next_row(Record& record) {
  record.clear();
  std::string_view line;
  if (!lines_.next(line)) return false;
  record.line = lines_.line_number();
  if (!style_.quotes || line.find('"') == std::string_view::npos) {
    split_fields(line, style_.separator, record);
  } else {
    join_lines(line, record.line);
    split_quoted(record);
  }
  return true;
}

// Puts `line` into row_, and all that follow until its quotes are closed.
void TableReader::join_lines(std::string_view line, int64_t first_line) {
  row_ = line;
  for (bool open = open_after(line, style_.separator, false); open;) {
    if (row_.size() > longest_row_)
      fail_input("{}:{}: a quote that is opened here is not closed within {} bytes", file_.string(), first_line,
                 longest_row_);
    if (!lines_.next(line))
      fail_input("{}:{}: a quote that is opened here is never closed", file_.string(), first_line);
    row_ += '\n';
    row_ += line;
    open = open_after(line, style_.separator, true);
  }
}

// Cuts row_ into fields. Text without its quotes is never longer, so it is written over the row itself.
void TableReader::split_quoted(Record& record) {
  char* text = row_.data();
  const char* const end = text + row_.size();
  for (const char* at = text;;) {
    char* const field = text;
    if (at < end && *at == '"') {
      for (++at; *at != '"' || (at + 1 < end && at[1] == '"'); *text++ = *at++) at += *at == '"';
      ++at;
      if (at < end && *at != style_.separator)
        fail_input("{}:{}: there is text behind a closing quote; a quote inside quotes is written \"\"", file_.string(),
                   record.line);
    } else {
      while (at < end && *at != style_.separator) *text++ = *at++;
    }
    record.add_column({field, static_cast<size_t>(text - field)});
    if (at == end) return;
    ++at;
    ++text;  // so that fields do not touch, whatever reads behind one
  }
}

}  // namespace heddle::data
