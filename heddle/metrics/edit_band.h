#pragma once
// Edit distance near the diagonal: the least insertions, deletions and substitutions of words that
// turn a hypothesis into its reference, over alignments that stay close to the straight one.
//
//   D(i, j) = min( D(i-1, j-1) + [hypothesis_i != reference_j],  D(i-1, j) + 1,  D(i, j-1) + 1 )
//
// Row i holds the columns within 25 of i * reference / hypothesis (wider where the reference is so
// long that rows would not meet), the beam of sacreBLEU's TER. Time and memory are
// O(50 * hypothesis + reference).

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/metrics/ngram_matches.h"

namespace heddle::metrics {

// Which word of the hypothesis stands at, or last before, each word of the reference, and which
// words of either are part of an edit.
struct WordAlignment {
  std::vector<int32_t> position;                             // by word of the reference; -1: before the first
  std::vector<int32_t> hypothesis_errors, reference_errors;  // among the first k words, k = 0..n
};

class EditBand {
 public:
  // Keeps a reference to `reference`.
  EditBand(const Symbols& reference, const Symbols& hypothesis);

  int32_t distance() const { return cells_.back(); }
  // Of the cheapest edits; of equally cheap ones a substitution or match is preferred to an
  // insertion, and that to a deletion, from the end on.
  WordAlignment align(const Symbols& hypothesis) const;

  // The distance of `changed`, which has the length of the hypothesis and differs from it only in
  // the words [first, last). Mostly local: once a row differs from the old one by a constant, so do
  // all that follow.
  int32_t distance_if(const Symbols& changed, size_t first, size_t last);

  // Takes `changed` for the hypothesis; it may differ from word `first` on.
  void update(const Symbols& changed, size_t first);

  int64_t cells_computed() const { return cells_computed_; }

 private:
  struct Row {
    int64_t begin, end;  // columns
    size_t offset;       // of column `begin` in cells_
  };

  void lay_out_rows(size_t hypothesis);
  int32_t cell(const Row& row, const int32_t* cells, int64_t column) const;
  int32_t cell(size_t row, int64_t column) const;
  void fill_row(size_t row, int32_t word, const int32_t* above, int32_t* to);

  const Symbols& reference_;
  std::vector<Row> rows_;  // row i: after i words of the hypothesis
  std::vector<int32_t> cells_;
  std::vector<int32_t> above_, here_;  // rows of distance_if
  int64_t cells_computed_ = 0;
};

}  // namespace heddle::metrics
