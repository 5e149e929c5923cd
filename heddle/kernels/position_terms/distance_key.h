#pragma once
// score += scale·(q + shift)·r[distance]: a vector for each distance key - query, met by the query as a key is (Shaw et
// al. 2018; Dai et al. 2019).
//
// r [distances, width], one for all heads, or [distances, heads·width]; distances outside [low, high] count as the
// nearest of them, and r's first row is that of `low`. shift [heads·width] or null.

#include <algorithm>

#include "heddle/kernels/position_terms/parts.h"

namespace heddle::kernels {

template <class T>
struct DistanceKeys {
  const T* r = nullptr;
  const T* shift = nullptr;
  int64_t width = 0;  // of a head
  int heads = 1;
  bool per_head = false;
  int64_t low = 0, high = 0;
  T scale = 1;
  TermParts<T> gradients;        // of r, in its layout
  TermParts<T> shift_gradients;  // [heads·width]

  int64_t stride() const { return per_head ? heads * width : width; }
};

template <class T>
class DistanceKey : public ScoreTerm<T> {
 public:
  explicit DistanceKey(const DistanceKeys<T>& keys) : k_(keys) {}

  void add(const ScoreTile& tile, const T* q, T* score) const override {
    for (int64_t i = 0; i < tile.rows; ++i)
      over_runs(tile, i, [&](int64_t begin, int64_t end, int64_t distance) {
        const T value = k_.scale * dot(tile, q + i * tile.query_stride, row(tile, k_.r, distance));
        for (int64_t j = begin; j < end; ++j) score[i * tile.stride + j] += value;
      });
  }

  void backward(const ScoreTile& tile, const T* q, const T* dscore, T* dq, int lane) const override {
    T* dshift =
        k_.shift && k_.shift_gradients.memory ? k_.shift_gradients.of(tile, lane) + tile.head * k_.width : nullptr;
    T* dr = k_.gradients.memory ? k_.gradients.of(tile, lane) : nullptr;
    for (int64_t i = 0; i < tile.rows; ++i) {
      const T* query = q + i * tile.query_stride;
      T* dquery = dq + i * tile.gradient_stride;
      over_runs(tile, i, [&](int64_t begin, int64_t end, int64_t distance) {
        T sum = 0;
        for (int64_t j = begin; j < end; ++j) sum += dscore[i * tile.stride + j];
        if (sum == 0) return;  // a masked run
        sum *= k_.scale;
        const T* vector = row(tile, k_.r, distance);
        for (int64_t c = 0; c < k_.width; ++c) dquery[c] += sum * vector[c];
        if (dshift)
          for (int64_t c = 0; c < k_.width; ++c) dshift[c] += sum * vector[c];
        if (!dr) return;
        T* target = row(tile, dr, distance);
        const T* shift = k_.shift ? k_.shift + tile.head * k_.width : nullptr;
        for (int64_t c = 0; c < k_.width; ++c) target[c] += sum * (query[c] + (shift ? shift[c] : T{0}));
      });
    }
  }

 private:
  // visit(first column, past the last, distance) for runs of columns of row i that count as one distance.
  template <class Visit>
  void over_runs(const ScoreTile& tile, int64_t i, Visit&& visit) const {
    const int64_t first = tile.key - tile.query - i;  // distance of column 0
    for (int64_t j = 0; j < tile.columns;) {
      const int64_t distance = std::clamp(first + j, k_.low, k_.high);
      int64_t end = j + 1;
      if (first + j < k_.low) end = std::min(tile.columns, k_.low - first + 1);
      else if (first + j >= k_.high) end = tile.columns;
      visit(j, end, distance);
      j = end;
    }
  }
  template <class U>
  U* row(const ScoreTile& tile, U* r, int64_t distance) const {
    return r + (distance - k_.low) * k_.stride() + (k_.per_head ? tile.head * k_.width : 0);
  }
  T dot(const ScoreTile& tile, const T* query, const T* vector) const {
    T sum = 0;
    if (k_.shift) {
      const T* shift = k_.shift + tile.head * k_.width;
      for (int64_t c = 0; c < k_.width; ++c) sum += (query[c] + shift[c]) * vector[c];
    } else {
      for (int64_t c = 0; c < k_.width; ++c) sum += query[c] * vector[c];
    }
    return sum;
  }

  DistanceKeys<T> k_;
};

}  // namespace heddle::kernels
