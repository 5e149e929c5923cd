#pragma once
// StepModels that watch their caller, around a table.

#include <gtest/gtest.h>

#include "heddle/decode/table_model.h"

namespace heddle::decode {

// Counts rows, and holds the caller to the contract of step().
class ObservedModel : public TableModel {
 public:
  using TableModel::TableModel;

  std::span<float> step(std::span<const Row> rows) override {
    EXPECT_FALSE(rows.empty());
    for (size_t r = 0; r < rows.size(); ++r) {
      const Row& row = rows[r];
      EXPECT_EQ(row.parent < 0, steps.empty());
      EXPECT_LT(row.parent, static_cast<int32_t>(sequence_of_row_.size()));
      if (row.parent >= 0) {
        EXPECT_EQ(sequence_of_row_[static_cast<size_t>(row.parent)], row.sequence);
      }
      if (r > 0) {
        EXPECT_LE(rows[r - 1].sequence, row.sequence);
      }
    }
    sequence_of_row_.clear();
    for (const Row& row : rows) sequence_of_row_.push_back(row.sequence);
    steps.push_back(std::ssize(rows));
    return TableModel::step(rows);
  }

  int64_t rows_seen() const {
    int64_t sum = 0;
    for (int64_t rows : steps) sum += rows;
    return sum;
  }

  std::vector<int64_t> steps;  // rows of each step

 private:
  std::vector<int32_t> sequence_of_row_;
};

// Attends to one source position: that of the last token, modulo the length.
class AttendingModel : public TableModel {
 public:
  AttendingModel(int64_t source_length, int32_t vocab, std::vector<float> table)
      : TableModel(vocab, 1, {std::move(table)}), source_length_(source_length) {}

  int64_t source_length(int64_t) const override { return source_length_; }
  int64_t max_steps() const override { return 6; }
  std::span<float> step(std::span<const Row> rows) override {
    weights_.assign(rows.size() * static_cast<size_t>(source_length_), 0.0f);
    for (size_t r = 0; r < rows.size(); ++r)
      weights_[r * static_cast<size_t>(source_length_) + static_cast<size_t>(rows[r].token % source_length_)] = 1.0f;
    return TableModel::step(rows);
  }
  bool keep_attention() override { return true; }
  std::span<const float> attention(int64_t row) override {
    return std::span<const float>(weights_).subspan(static_cast<size_t>(row * source_length_),
                                                    static_cast<size_t>(source_length_));
  }

 private:
  int64_t source_length_;
  std::vector<float> weights_;
};

}  // namespace heddle::decode
