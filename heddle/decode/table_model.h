#pragma once
// The smallest StepModel: a table of next-token probabilities given the last token, one per input
// sequence. For tests and for teaching.

#include <algorithm>
#include <vector>

#include "heddle/decode/step_model.h"

namespace heddle::decode {

class TableModel : public StepModel {
 public:
  // tables[s][last·vocab + next] = log p(next | last) of sequence s.
  TableModel(int32_t vocab_size, std::vector<std::vector<float>> tables)
      : vocab_size_(vocab_size), tables_(std::move(tables)) {}

  int32_t vocab_size() const override { return vocab_size_; }
  int64_t sequences() const override { return static_cast<int64_t>(tables_.size()); }
  int64_t source_length(int64_t) const override { return 0; }
  void step(std::span<const Row> rows, float* log_probabilities) override {
    for (const Row& row : rows) {
      const float* from = tables_[static_cast<size_t>(row.sequence)].data() + int64_t{row.token} * vocab_size_;
      log_probabilities = std::copy_n(from, vocab_size_, log_probabilities);
    }
    rows_seen_ += static_cast<int64_t>(rows.size());
  }
  // Rows asked for since construction.
  int64_t rows_seen() const { return rows_seen_; }

 private:
  int32_t vocab_size_;
  std::vector<std::vector<float>> tables_;
  int64_t rows_seen_ = 0;
};

}  // namespace heddle::decode
