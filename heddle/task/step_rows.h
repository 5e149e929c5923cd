#pragma once
// Some rows of a decoding step, on their own way through the layers: those that go on, or those that have left.

#include <vector>

#include "heddle/ops/workspace.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::task {

class StepRows {
 public:
  // kept: tokens of the past, itself included, that each row's list has.
  StepRows(int32_t position, int32_t kept) : position_of_all_(position), kept_(kept) {}

  // Row `at` of x, which is row `row` of the whole step.
  void add(const Tensor& x, int64_t at, int32_t row, int32_t sequence, int32_t table_begin, int32_t new_row) {
    states_.push_back(x.row_range(at, at + 1));
    row_.push_back(row);
    sequence_.push_back(sequence);
    example_.push_back(sequence);
    table_begin_.push_back(table_begin);
    new_row_.push_back(new_row);
    position_.push_back(position_of_all_);
    length_.push_back(kept_);
    offsets_.push_back(static_cast<int32_t>(row_.size()));
  }
  // Row k of the others, which has become that of x.
  void add_from(const StepRows& others, int64_t k, const Tensor& x) {
    const auto at = static_cast<size_t>(k);
    add(x, k, others.row_[at], others.sequence_[at], others.table_begin_[at], others.new_row_[at]);
  }

  int64_t count() const { return std::ssize(row_); }
  int32_t row(int64_t k) const { return row_[static_cast<size_t>(k)]; }
  Rows rows() const { return {offsets_, example_, position_}; }
  // [count, width], end to end.
  Tensor states() const {
    const Tensor all = ops::new_tensor({count(), states_[0].width()}, states_[0].dtype());
    for (int64_t k = 0; k < count(); ++k) copy_into(states_[static_cast<size_t>(k)], all.row_range(k, k + 1));
    return all;
  }
  const std::vector<int32_t>& sequences() const { return sequence_; }
  const std::vector<int32_t>& table_begin() const { return table_begin_; }
  const std::vector<int32_t>& lengths() const { return length_; }
  const std::vector<int32_t>& new_rows() const { return new_row_; }

 private:
  int32_t position_of_all_, kept_;
  std::vector<Tensor> states_;
  std::vector<int32_t> row_, sequence_, table_begin_, new_row_, position_, length_, offsets_{0};
  std::vector<int64_t> example_;
};

}  // namespace heddle::task
