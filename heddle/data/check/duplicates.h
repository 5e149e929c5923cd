#pragma once
// Rows that are there more than once, within a part of a data set and across its parts (leaks).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/data/readers/record.h"

namespace heddle::data {

// Hash of the given columns of a row. Letters count as written, runs of spaces as one.
uint64_t row_hash(const Record& record, const std::vector<size_t>& columns);

// Two rows with the same text, the earlier one first.
struct RowPair {
  size_t first_part, second_part;
  int64_t first_row, second_row;  // from 0
};

struct DuplicateReport {
  // Of each part: rows whose text an earlier row of the part has; of those, rows with other labels than the first.
  std::vector<int64_t> within, contradicting;
  // leaks[a][b], a < b: rows of part b whose text is in part a too.
  std::vector<std::vector<int64_t>> leaks;
  std::vector<RowPair> examples;  // a few of each kind, leaks first
};

// Counts by hashes of 64 bits: 24 bytes of memory a row; of a hundred million rows, two that differ are taken for
// one with a chance of 0.03 %.
class DuplicateCounter {
 public:
  explicit DuplicateCounter(size_t parts) : rows_(parts, 0) {}

  // The next row of `part`; `label_hash` of its labels.
  void add(size_t part, uint64_t text_hash, uint64_t label_hash);
  void skip(size_t part) { ++rows_[part]; }  // a row that is not compared
  DuplicateReport finish();

 private:
  struct Entry {
    uint64_t text, label;
    uint32_t part, row;
  };
  std::vector<Entry> entries_;
  std::vector<uint32_t> rows_;
};

}  // namespace heddle::data
