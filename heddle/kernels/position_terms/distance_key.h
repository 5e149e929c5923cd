#pragma once
// score += scale·(q + shift)·r[distance]: a vector for each distance key - query, met by the query as a key is (Shaw et
// al. 2018; Dai et al. 2019).
//
// r [distances, width], one for all heads, or [distances, heads·width]; distances outside [low, high] count as the
// nearest of them, and r's first row is that of `low`. shift [heads·width] or null.

#include <algorithm>
#include <span>
#include <vector>

#include "heddle/kernels/position_terms/parts.h"
#include "heddle/kernels/row_products.h"

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
    for (int64_t i = 0; i < tile.rows; ++i) {
      const std::span<const T> query = shifted(tile, q + i * tile.query_stride);
      over_pieces(tile, i, [&](int64_t column, const Piece& piece) {
        const T* rows[kPiece];
        T products[kPiece];
        piece.find(rows, row(tile, k_.r, piece.first), k_.stride());
        row_products(query, std::span<const T* const>(rows, piece.distances), k_.scale, products);
        T* row_scores = score + i * tile.stride + column;
        piece.each([&](int64_t j, int64_t place) { row_scores[j] += products[place]; });
      });
    }
  }

  void backward(const ScoreTile& tile, const T* q, const T* dscore, T* dq, int lane) const override {
    T* dshift =
        k_.shift && k_.shift_gradients.memory ? k_.shift_gradients.of(tile, lane) + tile.head * k_.width : nullptr;
    T* dr = k_.gradients.memory ? k_.gradients.of(tile, lane) : nullptr;
    static thread_local std::vector<T> of_row;  // the gradient of query + shift
    for (int64_t i = 0; i < tile.rows; ++i) {
      const std::span<const T> query = shifted(tile, q + i * tile.query_stride);
      of_row.assign(query.size(), 0);
      over_pieces(tile, i, [&](int64_t column, const Piece& piece) {
        const T* rows[kPiece];
        T sums[kPiece] = {};
        const T* row_gradients = dscore + i * tile.stride + column;
        piece.each([&](int64_t j, int64_t place) { sums[place] += k_.scale * row_gradients[j]; });
        piece.find(rows, row(tile, k_.r, piece.first), k_.stride());
        add_weighted_rows(sums, std::span<const T* const>(rows, piece.distances), std::span<T>(of_row));
        if (!dr) return;
        T* targets[kPiece];
        piece.find(targets, row(tile, dr, piece.first), k_.stride());
        add_to_rows(sums, query, std::span<T* const>(targets, piece.distances));
      });
      add_row(of_row, dq + i * tile.gradient_stride);
      if (dshift) add_row(of_row, dshift);
    }
  }

 private:
  static constexpr int64_t kPiece = 64;  // columns

  // Some columns of a row, and the distances that they stand for: from `first` on. The columns before `begin` and those
  // from `end` on count as the nearest of them.
  struct Piece {
    int64_t columns, first, begin, end;
    size_t distances;

    // body(column, its distance - first)
    template <class Body>
    void each(Body&& body) const {
      const int64_t last = static_cast<int64_t>(distances) - 1;
      for (int64_t j = 0; j < begin; ++j) body(j, 0);
      for (int64_t j = begin; j < end; ++j) body(j, j - begin);
      for (int64_t j = end; j < columns; ++j) body(j, last);
    }
    template <class U>
    void find(U** rows, U* first_row, int64_t stride) const {
      for (size_t d = 0; d < distances; ++d) rows[d] = first_row + static_cast<int64_t>(d) * stride;
    }
  };

  // body(first column, piece) for all columns of row i.
  template <class Body>
  void over_pieces(const ScoreTile& tile, int64_t i, Body&& body) const {
    const int64_t nearest = tile.key - tile.query - i;  // distance of column 0
    Piece piece;
    for (int64_t column = 0; column < tile.columns; column += kPiece) {
      piece.columns = std::min(kPiece, tile.columns - column);
      const int64_t begins = nearest + column, ends = begins + piece.columns - 1;
      piece.first = std::clamp(begins, k_.low, k_.high);
      const int64_t distances = std::clamp(ends, k_.low, k_.high) - piece.first + 1;
      piece.distances = static_cast<size_t>(distances);
      piece.begin = std::clamp<int64_t>(piece.first - begins, 0, piece.columns);
      piece.end = std::min(piece.begin + distances, piece.columns);
      body(column, piece);
    }
  }
  template <class U>
  U* row(const ScoreTile& tile, U* r, int64_t distance) const {
    return r + (distance - k_.low) * k_.stride() + (k_.per_head ? tile.head * k_.width : 0);
  }
  // query + shift, until this thread's next call.
  std::span<const T> shifted(const ScoreTile& tile, const T* query) const {
    const std::span<const T> as_it_is(query, static_cast<size_t>(k_.width));
    if (!k_.shift) return as_it_is;
    static thread_local std::vector<T> sum;
    sum.assign(as_it_is.begin(), as_it_is.end());
    for (size_t c = 0; c < sum.size(); ++c) sum[c] += k_.shift[tile.head * k_.width + static_cast<int64_t>(c)];
    return sum;
  }
  static void add_row(std::span<const T> row, T* to) {
    for (const T each : row) *to++ += each;
  }

  DistanceKeys<T> k_;
};

}  // namespace heddle::kernels
