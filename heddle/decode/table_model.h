#pragma once
// The smallest StepModel: a table of next-token probabilities given the last `order` tokens, one table
// per input sequence. For teaching, and for tests against exhaustive search.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "heddle/base/error.h"
#include "heddle/base/random.h"
#include "heddle/decode/step_model.h"

namespace heddle::decode {

class TableModel : public StepModel {
 public:
  // tables[s][history·vocab + next] = log p(next | history) of sequence s. A history is its tokens as
  // the digits of a number in base `vocab`, the last token the lowest; before the start stand zeros.
  TableModel(int32_t vocab_size, int order, std::vector<std::vector<float>> tables)
      : vocab_size_(vocab_size), histories_(history_count(vocab_size, order)), tables_(std::move(tables)) {
    for (const std::vector<float>& table : tables_)
      HEDDLE_CHECK(std::ssize(table) == histories_ * vocab_size_,
                   "a table of order {} over {} tokens has {} numbers, got {}", order, vocab_size,
                   histories_ * vocab_size_, table.size());
  }

  // Softmax of standard normals times `spread`: larger is more certain.
  static std::vector<float> random_table(int32_t vocab_size, int order, double spread, RandomStream& random) {
    std::vector<float> table(static_cast<size_t>(history_count(vocab_size, order) * vocab_size));
    for (auto row = table.begin(); row != table.end(); row += vocab_size) {
      double total = 0;
      for (auto p = row; p != row + vocab_size; ++p)
        total += std::exp(*p = static_cast<float>(spread * random.normal()));
      for (auto p = row; p != row + vocab_size; ++p) *p = std::min(0.0f, *p - static_cast<float>(std::log(total)));
    }
    return table;
  }

  int32_t vocab_size() const override { return vocab_size_; }
  int64_t sequences() const override { return std::ssize(tables_); }
  int64_t source_length(int64_t) const override { return 0; }

  std::span<float> step(std::span<const Row> rows) override {
    next_.clear();
    log_probabilities_.clear();
    for (const Row& row : rows) {
      const int64_t before = row.parent < 0 ? 0 : live_[static_cast<size_t>(row.parent)];
      const int64_t history = (before * vocab_size_ + row.token) % histories_;
      const float* from = tables_[static_cast<size_t>(row.sequence)].data() + history * vocab_size_;
      log_probabilities_.insert(log_probabilities_.end(), from, from + vocab_size_);
      next_.push_back(history);
    }
    live_.swap(next_);
    return log_probabilities_;
  }

 private:
  static int64_t history_count(int32_t vocab_size, int order) {
    HEDDLE_CHECK(vocab_size >= 1 && order >= 1, "a table needs tokens and a history, got {} and {}", vocab_size, order);
    int64_t count = 1;
    for (int i = 0; i < order; ++i) count *= vocab_size;
    return count;
  }

  int32_t vocab_size_;
  int64_t histories_;
  std::vector<std::vector<float>> tables_;
  std::vector<int64_t> live_, next_;  // the history of each row
  std::vector<float> log_probabilities_;
};

}  // namespace heddle::decode
