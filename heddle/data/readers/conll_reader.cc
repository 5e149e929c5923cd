#include "heddle/data/readers/conll_reader.h"

#include <algorithm>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

constexpr std::string_view kDocument = "-DOCSTART-";

}  // namespace

ConllReader::ConllReader(const std::filesystem::path& file, const std::vector<std::string>& names,
                         const ReadLimits& limits)
    : RecordReader(file), lines_(file, limits), longest_sentence_(limits.longest_line) {
  has_first_ = next_sentence();
  if (!has_first_)
    fail_input("{} has no sentence; expected a token a line, and an empty line after each sentence", file.string());
  columns_ = names;
  if (names.empty()) {
    for (size_t i = 0; i < token_columns_; ++i) columns_.push_back(i == 0 ? "token" : std::to_string(i + 1));
    for (const auto& [key, value] : metadata_) columns_.push_back(key);
  }
  if (columns_.size() < token_columns_)
    fail_input("{}:{}: {} columns, but only {} names are given for them: {}", file.string(), first_line_,
               token_columns_, names.size(), fmt::join(names, ", "));
}

bool ConllReader::next(Record& record) {
  if (!has_first_ && !next_sentence()) return false;
  has_first_ = false;
  fill(record);
  return true;
}

// Reads a sentence that has tokens into text_, cells_ and metadata_; false at the end.
bool ConllReader::next_sentence() {
  text_.clear();
  cells_.clear();
  metadata_.clear();
  comment_line_ = 0;
  for (std::string_view line; lines_.next(line);) {
    if (line.empty()) {
      if (!cells_.empty()) return true;
      comment_line_ = 0;
      continue;
    }
    if (cells_.empty() && line.starts_with(kDocument)) {
      ++documents_;
      continue;
    }
    if (comment_line_ == 0) comment_line_ = lines_.line_number();
    if (cells_.empty() && add_metadata(line)) continue;
    add_token(line);
  }
  return !cells_.empty();
}

// "# key = value", and comments of CoNLL-U without a value.
bool ConllReader::add_metadata(std::string_view line) {
  if (!line.starts_with("# ")) return false;
  const size_t equals = line.find(" = ");
  if (equals == std::string_view::npos || equals < 3) return line == "# newdoc" || line == "# newpar";
  metadata_.emplace_back(line.substr(2, equals - 2), line.substr(equals + 3));
  return true;
}

void ConllReader::add_token(std::string_view line) {
  if (separator_ == 0) separator_ = line.find('\t') == std::string_view::npos ? ' ' : '\t';
  if (cells_.empty()) first_line_ = lines_.line_number();
  if (text_.size() + line.size() > longest_sentence_)
    fail_input("{}:{}: the sentence that begins here is longer than {} bytes; an empty line ends a sentence",
               file_.string(), first_line_, longest_sentence_);
  size_t columns = 0;
  for (size_t from = 0; from <= line.size(); ++columns) {
    const size_t at = std::min(line.find(separator_, from), line.size());
    cells_.push_back({text_.size() + from, at - from});
    from = at + 1;
  }
  text_ += line;
  if (token_columns_ == 0) token_columns_ = columns;
  if (columns != token_columns_)
    fail_input("{}: {} columns, but the first token has {}; expected a token and its tags, separated by {}",
               lines_.place(), columns, token_columns_, separator_ == '\t' ? "tabs" : "single spaces");
}

void ConllReader::fill(Record& record) const {
  record.clear();
  record.line = first_line_;
  record.comments = first_line_ - comment_line_;
  const std::string_view text = text_;
  for (size_t column = 0; column < columns_.size(); ++column) {
    if (column < token_columns_) {
      for (size_t cell = column; cell < cells_.size(); cell += token_columns_)
        record.add(text.substr(cells_[cell].from, cells_[cell].length));
    } else {
      const auto found = std::ranges::find(metadata_, columns_[column], &std::pair<std::string, std::string>::first);
      if (found != metadata_.end()) record.add(found->second);
    }
    record.end_column();
  }
}

}  // namespace heddle::data
