#pragma once
// score += ln m(|key - query|), m(d) = min(1, max(0, (ramp + z - d)/ramp)), z = longest·σ(logit) for each head: a
// weight that falls from 1 to 0 over `ramp` tokens behind a learned span z (Sukhbaatar et al. 2019). Where m is 0
// nothing is seen.
//
// d ln m/dz = 1/(ramp·m) on the ramp and 0 elsewhere; it meets a score gradient that has the factor m.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "heddle/kernels/position_terms/parts.h"

namespace heddle::kernels {

template <class T>
struct Spans {
  const T* logits = nullptr;  // [heads]
  T longest = 0, ramp = 1;
  TermParts<T> gradients;  // [heads]
};

template <class T>
class SoftSpan : public ScoreTerm<T> {
 public:
  explicit SoftSpan(const Spans<T>& spans) : s_(spans) {}

  void add(const ScoreTile& tile, const T*, T* score) const override {
    const T span = s_.longest * share(tile.head);
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j) {
        const T m = factor(tile, span, i, j);
        if (m >= 1) continue;
        T& value = score[i * tile.stride + j];
        value = m > 0 ? value + std::log(m) : -std::numeric_limits<T>::infinity();
      }
  }

  void backward(const ScoreTile& tile, const T*, T* dscore, T*, int lane) const override {
    if (!s_.gradients.memory) return;
    const T of_longest = share(tile.head), span = s_.longest * of_longest;
    T sum = 0;
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j) {
        const T m = factor(tile, span, i, j);
        if (m > 0 && m < 1) sum += dscore[i * tile.stride + j] / m;
      }
    s_.gradients.of(tile, lane)[tile.head] += sum / s_.ramp * s_.longest * of_longest * (1 - of_longest);
  }

 private:
  T share(int head) const { return 1 / (1 + std::exp(-s_.logits[head])); }
  T factor(const ScoreTile& tile, T span, int64_t i, int64_t j) const {
    return (s_.ramp + span - static_cast<T>(std::abs(tile.key + j - tile.query - i))) / s_.ramp;
  }

  Spans<T> s_;
};

}  // namespace heddle::kernels
