#pragma once
// The sizes of a tensor's dimensions, outermost first: up to eight, held inline.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "heddle/base/error.h"

namespace heddle {

class Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<int64_t> sizes) : Shape(std::span(sizes.begin(), sizes.size())) {}
  explicit Shape(std::span<const int64_t> sizes) {
    HEDDLE_CHECK(sizes.size() <= kMaxRank, "a shape has at most {} dimensions, got {}", kMaxRank, sizes.size());
    for (int64_t size : sizes) {
      HEDDLE_CHECK(size >= 0, "a dimension must be >= 0, got {}", size);
      sizes_[rank_++] = size;
    }
  }

  int rank() const { return rank_; }
  int64_t operator[](int dimension) const { return sizes_[dimension]; }
  // Product of all sizes; 1 for a scalar (rank 0).
  int64_t count() const {
    int64_t product = 1;
    for (int i = 0; i < rank_; ++i) product *= sizes_[i];
    return product;
  }
  // The view as a matrix: all dimensions but the last are rows.
  int64_t width() const { return rank_ == 0 ? 1 : sizes_[rank_ - 1]; }
  int64_t rows() const {
    int64_t product = 1;
    for (int i = 0; i + 1 < rank_; ++i) product *= sizes_[i];
    return product;
  }

  bool operator==(const Shape& other) const {
    if (rank_ != other.rank_) return false;
    for (int i = 0; i < rank_; ++i)
      if (sizes_[i] != other.sizes_[i]) return false;
    return true;
  }

  std::string text() const;  // "[3, 128]"

 private:
  std::array<int64_t, kMaxRank> sizes_{};
  int rank_ = 0;
};

}  // namespace heddle
