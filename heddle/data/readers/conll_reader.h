#pragma once
// CoNLL files: one token a line in columns, an empty line after each sentence, and lines "# key = value" before one.
//
// Columns are separated by tabs, or by spaces in a file without tabs. A sentence is one record: each column holds one
// value a token, each key one value. Lines "-DOCSTART- …" mark documents and are no sentences.

#include "heddle/data/readers/record_reader.h"
#include "heddle/data/readers/text_lines.h"

namespace heddle::data {

class ConllReader : public RecordReader {
 public:
  // `names` names the token columns, then keys of metadata may follow; empty: "token", "2", … and the keys that the
  // first sentence has. Throws InputError for a file without a sentence.
  ConllReader(const std::filesystem::path& file, const std::vector<std::string>& names, const ReadLimits& limits);

  // Throws InputError for a line with other columns than the first, and a sentence over limits.longest_line bytes.
  bool next(Record& record) override;
  int64_t broken_lines() const override { return lines_.broken(); }
  int64_t first_broken_line() const override { return lines_.first_broken(); }

  size_t token_columns() const { return token_columns_; }
  int64_t documents() const { return documents_; }  // marks seen so far

 private:
  bool next_sentence();
  void add_token(std::string_view line);
  bool add_metadata(std::string_view line);
  void fill(Record& record) const;

  TextLines lines_;
  size_t longest_sentence_;
  size_t token_columns_ = 0;
  int64_t documents_ = 0;
  // The sentence read last: its text, and where its cells lie in it, column after column within a token.
  struct Cell {
    size_t from, length;
  };
  std::string text_;
  std::vector<Cell> cells_;
  std::vector<std::pair<std::string, std::string>> metadata_;
  int64_t first_line_ = 0, comment_line_ = 0;  // of its tokens; of what comes right before them
  char separator_ = 0;
  bool has_first_ = false;
};

}  // namespace heddle::data
