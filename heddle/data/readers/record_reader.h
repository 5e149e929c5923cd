#pragma once
// One door to every text-like format: rows with named columns. Memory is bounded by the longest row allowed.
//
// Broken UTF-8 becomes U+FFFD and is counted; a CR before LF is no text. Everything else that is wrong throws
// InputError with file:line.

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "heddle/data/line_reader.h"
#include "heddle/data/readers/record.h"

namespace heddle::data {

enum class Format : uint8_t {
  lines,     // one text a line: column "text"
  csv,       // comma-separated, quoted as RFC 4180 says
  tsv,       // tab-separated, no quotes
  jsonl,     // one JSON object a line
  json,      // an array of objects, or one object, of 64 MiB at most
  conll,     // a token a line in columns, an empty line after each sentence
  labelled,  // fastText: "__label__a __label__b text": columns "label" and "text"
  triples,   // tab-separated without names: columns "head", "relation", "tail"
  images,    // IDX, CIFAR, folders of pictures: rows of heddle/data/images/image_records.h
};

struct ReaderOptions {
  std::optional<Format> format = {};  // else guessed by name, then by content
  // JSON: the paths to read, such as "text", "meta.lang", "turns.*.text"; empty: those of the first object.
  // Tables without a header and CoNLL: names of the columns; empty: "1", "2", … (CoNLL: "token" and "2" …).
  std::vector<std::string> columns = {};
  // JSON: whether the first object must have all of `columns`, so that a mistyped one is found at once.
  bool columns_are_needed = true;
  std::optional<bool> header = {};  // whether a table's first line names its columns; else guessed
  ReadLimits limits = {.longest_line = size_t{16} << 20};
};

class RecordReader {
 public:
  virtual ~RecordReader() = default;

  // The next row; false at the end.
  virtual bool next(Record& record) = 0;
  // How many lines had broken UTF-8 so far, and which was the first (0: none).
  virtual int64_t broken_lines() const = 0;
  virtual int64_t first_broken_line() const = 0;

  const std::vector<std::string>& columns() const { return columns_; }
  // The place of a column; InputError with the nearest name if there is none.
  size_t column(const std::string& name) const;
  const std::filesystem::path& file() const { return file_; }

 protected:
  explicit RecordReader(std::filesystem::path file) : file_(std::move(file)) {}
  std::filesystem::path file_;
  std::vector<std::string> columns_;
};

std::unique_ptr<RecordReader> open_records(const std::filesystem::path& file, const ReaderOptions& options = {});

// Several files as one, in order; all must have the columns of the first.
std::unique_ptr<RecordReader> open_records(std::span<const std::filesystem::path> files,
                                           const ReaderOptions& options = {});

// Line k of each file together is row k; the columns are named by what differs in the files' names ("en", "de"),
// else "1", "2", …. Throws InputError with both counts where a file ends before another.
std::unique_ptr<RecordReader> open_parallel(std::span<const std::filesystem::path> files,
                                            const ReaderOptions& options = {});

}  // namespace heddle::data
