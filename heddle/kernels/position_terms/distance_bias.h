#pragma once
// score += table[bucket of (key - query), head]: a learned number for each bucket of distances (T5).

#include "heddle/kernels/position_terms/parts.h"

namespace heddle::kernels {

template <class T>
class DistanceBias : public ScoreTerm<T> {
 public:
  // table [buckets, heads]; buckets[distance + reach] for |distance| <= reach.
  DistanceBias(const T* table, int heads, std::span<const int32_t> buckets, int64_t reach, TermParts<T> gradients = {})
      : table_(table), heads_(heads), buckets_(buckets), reach_(reach), gradients_(gradients) {}

  void add(const ScoreTile& tile, const T*, T* score) const override {
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j) score[i * tile.stride + j] += table_[place(tile, i, j)];
  }
  void backward(const ScoreTile& tile, const T*, T* dscore, T*, int lane) const override {
    if (!gradients_.memory) return;
    T* gradient = gradients_.of(tile, lane);
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j) gradient[place(tile, i, j)] += dscore[i * tile.stride + j];
  }

 private:
  int64_t place(const ScoreTile& tile, int64_t i, int64_t j) const {
    const int64_t distance = tile.key + j - tile.query - i;
    return int64_t{buckets_[static_cast<size_t>(distance + reach_)]} * heads_ + tile.head;
  }

  const T* table_;
  int heads_;
  std::span<const int32_t> buckets_;
  int64_t reach_;
  TermParts<T> gradients_;
};

}  // namespace heddle::kernels
