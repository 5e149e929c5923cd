#pragma once
// score += scale·(q + shift)·r[distance]: a vector for each distance key - query, met by the query as a key is (Shaw et
// al. 2018; Dai et al. 2019).
//
// r [distances, width], one for all heads, or [distances, heads·width]; distances outside [low, high] count as the
// nearest of them, and r's first row is that of `low`. shift [heads·width] or null.

#include <algorithm>
#include <span>

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
    for (int64_t i = 0; i < tile.rows; ++i)
      over_pieces(tile, i, [&](int64_t column, const Piece& piece) {
        const T* rows[kPiece];
        T products[kPiece], of_shift[kPiece];
        piece.find(rows, row(tile, k_.r, piece.first), k_.stride());
        const std::span<const T* const> vectors(rows, piece.distances);
        row_products(vector(q + i * tile.query_stride), vectors, k_.scale, products);
        if (k_.shift) {
          row_products(shift(tile), vectors, k_.scale, of_shift);
          for (size_t d = 0; d < piece.distances; ++d) products[d] += of_shift[d];
        }
        for (int64_t j = 0; j < piece.columns; ++j) score[i * tile.stride + column + j] += products[piece.place[j]];
      });
  }

  void backward(const ScoreTile& tile, const T* q, const T* dscore, T* dq, int lane) const override {
    T* dshift =
        k_.shift && k_.shift_gradients.memory ? k_.shift_gradients.of(tile, lane) + tile.head * k_.width : nullptr;
    T* dr = k_.gradients.memory ? k_.gradients.of(tile, lane) : nullptr;
    const auto width = static_cast<size_t>(k_.width);
    for (int64_t i = 0; i < tile.rows; ++i)
      over_pieces(tile, i, [&](int64_t column, const Piece& piece) {
        const T* rows[kPiece];
        T sums[kPiece] = {};
        for (int64_t j = 0; j < piece.columns; ++j)
          sums[piece.place[j]] += k_.scale * dscore[i * tile.stride + column + j];
        piece.find(rows, row(tile, k_.r, piece.first), k_.stride());
        const std::span<const T* const> vectors(rows, piece.distances);
        add_weighted_rows(sums, vectors, std::span<T>(dq + i * tile.gradient_stride, width));
        if (dshift) add_weighted_rows(sums, vectors, std::span<T>(dshift, width));
        if (!dr) return;
        T* targets[kPiece];
        piece.find(targets, row(tile, dr, piece.first), k_.stride());
        const std::span<T* const> gradients(targets, piece.distances);
        add_to_rows(sums, vector(q + i * tile.query_stride), gradients);
        if (k_.shift) add_to_rows(sums, shift(tile), gradients);
      });
  }

 private:
  static constexpr int64_t kPiece = 64;  // columns

  // Some columns of a row, and the distances that they stand for: from `first` on.
  struct Piece {
    int64_t columns, first;
    size_t distances;
    int64_t place[kPiece];  // a column's distance - first

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
      piece.first = std::clamp(nearest + column, k_.low, k_.high);
      for (int64_t j = 0; j < piece.columns; ++j)
        piece.place[j] = std::clamp(nearest + column + j, k_.low, k_.high) - piece.first;
      piece.distances = static_cast<size_t>(piece.place[piece.columns - 1] + 1);
      body(column, piece);
    }
  }
  template <class U>
  U* row(const ScoreTile& tile, U* r, int64_t distance) const {
    return r + (distance - k_.low) * k_.stride() + (k_.per_head ? tile.head * k_.width : 0);
  }
  std::span<const T> vector(const T* data) const { return {data, static_cast<size_t>(k_.width)}; }
  std::span<const T> shift(const ScoreTile& tile) const { return vector(k_.shift + tile.head * k_.width); }

  DistanceKeys<T> k_;
};

}  // namespace heddle::kernels
