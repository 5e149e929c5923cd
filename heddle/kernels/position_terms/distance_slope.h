#pragma once
// score += -slope[head]·|key - query|: a fixed penalty of distance (ALiBi).

#include <cstdlib>

#include "heddle/kernels/attention.h"

namespace heddle::kernels {

template <class T>
class DistanceSlope : public ScoreTerm<T> {
 public:
  explicit DistanceSlope(std::span<const double> slopes) : slopes_(slopes) {}

  void add(const ScoreTile& tile, const T*, T* score) const override {
    const T slope = static_cast<T>(slopes_[static_cast<size_t>(tile.head)]);
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j)
        score[i * tile.stride + j] -= slope * static_cast<T>(std::abs(tile.key + j - tile.query - i));
  }
  void backward(const ScoreTile&, const T*, T*, T*, int) const override {}

 private:
  std::span<const double> slopes_;  // per head
};

}  // namespace heddle::kernels
