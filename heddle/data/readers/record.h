#pragma once
// A row of a data file: for each column its values, usually one; a list in JSON and the tokens of a CoNLL sentence
// are several.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace heddle::data {

// The texts are views into the reader's memory and live until its next call.
class Record {
 public:
  void clear() {
    values_.clear();
    ends_.clear();
  }
  void add(std::string_view value) { values_.push_back(value); }  // to the column that end_column() closes
  void end_column() { ends_.push_back(static_cast<uint32_t>(values_.size())); }
  void add_column(std::string_view value) {
    add(value);
    end_column();
  }

  size_t columns() const { return ends_.size(); }
  std::span<const std::string_view> all(size_t column) const {
    const uint32_t from = column == 0 ? 0 : ends_[column - 1];
    return {values_.data() + from, ends_[column] - from};
  }
  // The first value of a column, empty if it has none.
  std::string_view operator[](size_t column) const {
    const auto values = all(column);
    return values.empty() ? std::string_view() : values[0];
  }

  int64_t line = 0;      // of the file, where the row's values begin, from 1
  int64_t comments = 0;  // lines of metadata right before it

 private:
  std::vector<std::string_view> values_;
  std::vector<uint32_t> ends_;
};

}  // namespace heddle::data
