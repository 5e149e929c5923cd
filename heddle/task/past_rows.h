#pragma once
// Which row of a cache holds which past token of which hypothesis, and which rows may be written again.
//
// A hypothesis is a list of row numbers, one for each position that some layer's mask still shows to it or to a later
// token (kernels::Mask::still_visible); what no mask shows any more leaves the lists. Rows in no list are free: those
// forgotten by all, and those of hypotheses that a search gave up. They are looked for when there is no room left, so
// that a cache is at most about twice as large as what its hypotheses see, however long the text becomes.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/decode/step_model.h"
#include "heddle/kernels/mask.h"

namespace heddle::task {

class PastRows {
 public:
  // The masks of all layers that read the cache.
  void start(std::vector<kernels::Mask> masks);
  // The next token of each row: its own place and those of what it sees.
  void step(std::span<const decode::StepModel::Row> rows);

  // What ops::CachedKeys wants.
  std::span<const int32_t> table() const { return table_; }
  std::span<const int32_t> table_begin() const { return table_begin_; }
  std::span<const int32_t> lengths() const { return length_; }
  std::span<const kernels::KeyRange> runs() const { return is_whole() ? std::span<const kernels::KeyRange>() : runs_; }
  // Where the new tokens' keys and values go; all rows are below capacity().
  std::span<const int32_t> new_rows() const { return new_rows_; }
  int64_t capacity() const { return capacity_; }
  // Positions that each hypothesis keeps.
  int64_t kept() const { return length_.empty() ? 0 : length_[0]; }
  int64_t bytes() const {
    return static_cast<int64_t>((table_.capacity() + next_table_.capacity() + free_.capacity()) * sizeof(int32_t));
  }

 private:
  bool is_whole() const { return runs_.size() == 1 && runs_[0].begin == 0; }
  std::vector<kernels::KeyRange> next_runs() const;
  void copy_kept(std::span<const kernels::KeyRange> next, int32_t parent);
  void reserve(int64_t rows);
  void find_free_rows();

  std::vector<kernels::Mask> masks_;
  int64_t position_ = 0;
  std::vector<kernels::KeyRange> runs_;      // positions in the lists, the newest one last
  std::vector<int32_t> table_, next_table_;  // hypothesis after hypothesis
  std::vector<int32_t> table_begin_, next_begin_, length_, new_rows_, free_;
  std::vector<bool> in_use_;
  int64_t capacity_ = 0;
};

}  // namespace heddle::task
