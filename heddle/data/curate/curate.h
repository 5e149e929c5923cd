#pragma once
// New files from a file of rows: parts of it, or the same without duplicates. Rows are copied as they are written
// there, with the header of a table; files appear whole or not at all.

#include <filesystem>
#include <string>
#include <vector>

#include "heddle/data/readers/record_reader.h"

namespace heddle::data {

// The columns that say whether two rows are the same; empty: those of text, as `heddle data check` finds them.
struct SameBy {
  std::vector<std::string> columns = {};
};

struct SplitShares {
  double valid = 0.1, test = 0;
  std::string stratify = {};  // a column whose values every part has in the same proportions; empty: none
  uint64_t seed = 1;
};
struct SplitCounts {
  int64_t train = 0, valid = 0, test = 0;
};

// Writes train, valid and (with a share) test, with the ending of `file`, into `folder`. Rows that are the same go to
// the same part, so that nothing leaks. Throws InputError for shares that are negative or leave nothing to train on,
// for formats whose rows are not lines (json, images), and for anything the reader refuses.
SplitCounts split_file(const std::filesystem::path& file, const std::filesystem::path& folder,
                       const SplitShares& shares, const SameBy& same, const ReaderOptions& options);

struct DedupCounts {
  int64_t kept = 0, repeated = 0, in_others = 0;
};

// Writes `file` to `out` without rows that repeat an earlier one, or are in a file of `others`.
DedupCounts dedup_file(const std::filesystem::path& file, const std::filesystem::path& out,
                       const std::vector<std::filesystem::path>& others, const SameBy& same,
                       const ReaderOptions& options);

}  // namespace heddle::data
