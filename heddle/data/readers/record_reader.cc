#include "heddle/data/readers/record_reader.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/nearest.h"
#include "heddle/data/images/image_records.h"
#include "heddle/data/readers/conll_reader.h"
#include "heddle/data/readers/format.h"
#include "heddle/data/readers/json_reader.h"
#include "heddle/data/readers/line_records.h"
#include "heddle/data/readers/table_reader.h"

namespace heddle::data {
namespace {

std::unique_ptr<RecordReader> open_table(const std::filesystem::path& file, char separator, bool quotes,
                                         const ReaderOptions& options) {
  const bool header =
      options.header ? *options.header : options.columns.empty() && guess_header(file, separator, options.limits);
  return std::make_unique<TableReader>(file, TableStyle{separator, quotes, header}, options.columns, options.limits);
}

// One file after the other.
class FileSequence : public RecordReader {
 public:
  FileSequence(std::span<const std::filesystem::path> files, const ReaderOptions& options)
      : RecordReader(files[0]), files_(files.begin(), files.end()), options_(options) {
    current_ = open_records(files[0], options);
    columns_ = current_->columns();
    if (!is_table()) options_.columns = columns_;  // of all files
    options_.columns_are_needed = false;
  }

  bool next(Record& record) override {
    while (!current_->next(record)) {
      broken_ += current_->broken_lines();
      if (++at_ == files_.size()) return false;
      current_ = open_records(files_[at_], options_);
      file_ = files_[at_];
      if (current_->columns() != columns_)
        fail_input("{} has the columns {}, but {} has {}; files that are read as one must agree", file_.string(),
                   fmt::join(current_->columns(), ", "), files_[0].string(), fmt::join(columns_, ", "));
    }
    return true;
  }
  int64_t broken_lines() const override { return broken_ + (at_ < files_.size() ? current_->broken_lines() : 0); }
  int64_t first_broken_line() const override { return current_->first_broken_line(); }

 private:
  bool is_table() const {
    const Format format = format_of(files_[0], options_);
    return format == Format::csv || format == Format::tsv;
  }

  std::vector<std::filesystem::path> files_;
  ReaderOptions options_;
  std::unique_ptr<RecordReader> current_;
  size_t at_ = 0;
  int64_t broken_ = 0;
};

}  // namespace

size_t RecordReader::column(const std::string& name) const {
  const auto found = std::ranges::find(columns_, name);
  if (found != columns_.end()) return static_cast<size_t>(found - columns_.begin());
  const std::string near = nearest_name(name, columns_);
  fail_input("{} has no column \"{}\"{}; its columns are: {}", file_.string(), name,
             near.empty() ? "" : fmt::format("; did you mean {}?", near), fmt::join(columns_, ", "));
}

std::unique_ptr<RecordReader> open_records(const std::filesystem::path& file, const ReaderOptions& options) {
  switch (format_of(file, options)) {
    case Format::lines: return open_lines(file, options.columns, options.limits);
    case Format::csv: return open_table(file, ',', true, options);
    case Format::tsv: return open_table(file, '\t', false, options);
    case Format::jsonl: return open_jsonl(file, {options.columns, options.columns_are_needed}, options.limits);
    case Format::json: return open_json(file, {options.columns, options.columns_are_needed}, options.limits);
    case Format::conll: return std::make_unique<ConllReader>(file, options.columns, options.limits);
    case Format::labelled: return open_labelled(file, options.limits);
    case Format::triples:
      return std::make_unique<TableReader>(file, TableStyle{'\t', false, false},
                                           std::vector<std::string>{"head", "relation", "tail"}, options.limits);
    case Format::images: return open_images(file);
  }
  fail_input("{}: the format is unknown", file.string());
}

std::unique_ptr<RecordReader> open_records(std::span<const std::filesystem::path> files, const ReaderOptions& options) {
  if (files.empty()) fail_input("no files are given; expected one or more");
  if (files.size() == 1) return open_records(files[0], options);
  return std::make_unique<FileSequence>(files, options);
}

}  // namespace heddle::data
