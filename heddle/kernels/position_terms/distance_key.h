#pragma once
// score += scale·(q + shift)·r[distance]: a vector for each distance key - query, met by the query as a key is (Shaw et
// al. 2018; Dai et al. 2019).
//
// r [distances, width], one for all heads, or [distances, heads·width]; distances outside [low, high] count as the
// nearest of them, and r's first row is that of `low`. shift [heads·width] or null.
//
// Some rows of a tile at a time meet all distances that any of them has, in one product; a row's own then lie side by
// side, one place further to the left than those of the row before.

#include <algorithm>
#include <vector>

#include "heddle/kernels/position_terms/columns.h"
#include "heddle/kernels/position_terms/parts.h"
#include "heddle/kernels/row_products.h"
#include "heddle/kernels/tile_product.h"

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
    static thread_local std::vector<T> queries, table, products;
    if (tile.rows == 1) return add_to_one(tile, q, score);
    const Distances all = distances(tile, 0, tile.rows);
    shift_rows(tile, q, k_.scale, queries);
    put_in_columns(vector_of(tile, k_.r, all.first), k_.stride(), all.count, k_.width, table);
    over_blocks(tile, [&](int64_t row, int64_t rows, const Distances& block) {
      const int64_t wide = padded(block.count);
      products.resize(static_cast<size_t>(rows * wide));
      tile_product(TileProduct<T>{rows, wide, k_.width, queries.data() + row * k_.width, k_.width, 1,
                                  table.data() + block.first - all.first, padded(all.count), products.data(), wide});
      for (int64_t i = 0; i < rows; ++i) {
        const T* of_row = products.data() + i * wide;
        T* scores = score + (row + i) * tile.stride;
        over_columns(tile, row + i, block, [&](int64_t j, int64_t place) { scores[j] += of_row[place]; });
      }
    });
  }

  void backward(const ScoreTile& tile, const T* q, T* dscore, T* dq, int lane) const override {
    static thread_local std::vector<T> queries, sums, of_queries;
    T* dshift =
        k_.shift && k_.shift_gradients.memory ? k_.shift_gradients.of(tile, lane) + tile.head * k_.width : nullptr;
    T* dr = k_.gradients.memory ? k_.gradients.of(tile, lane) : nullptr;
    shift_rows(tile, q, T{1}, queries);
    over_blocks(tile, [&](int64_t row, int64_t rows, const Distances& block) {
      sums.assign(static_cast<size_t>(rows * block.count), 0);
      for (int64_t i = 0; i < rows; ++i) {
        const T* gradients = dscore + (row + i) * tile.stride;
        T* of_row = sums.data() + i * block.count;
        over_columns(tile, row + i, block, [&](int64_t j, int64_t place) { of_row[place] += k_.scale * gradients[j]; });
      }
      of_queries.resize(static_cast<size_t>(rows * k_.width));
      tile_product(TileProduct<T>{rows, k_.width, block.count, sums.data(), block.count, 1,
                                  vector_of(tile, k_.r, block.first), k_.stride(), of_queries.data(), k_.width});
      for (int64_t i = 0; i < rows; ++i) {
        add_row(of_queries.data() + i * k_.width, dq + (row + i) * tile.gradient_stride);
        if (dshift) add_row(of_queries.data() + i * k_.width, dshift);
      }
      if (dr)
        tile_product(TileProduct<T>{block.count, k_.width, rows, sums.data(), 1, block.count,
                                    queries.data() + row * k_.width, k_.width, vector_of(tile, dr, block.first),
                                    k_.stride(), true});
    });
  }

 private:
  // A single query, in decoding: its vectors are read where they lie.
  void add_to_one(const ScoreTile& tile, const T* q, T* score) const {
    static thread_local std::vector<T> query, products;
    static thread_local std::vector<const T*> vectors;
    const Distances all = distances(tile, 0, 1);
    shift_rows(tile, q, T{1}, query);
    products.resize(static_cast<size_t>(all.count));
    vectors.resize(static_cast<size_t>(all.count));
    for (int64_t d = 0; d < all.count; ++d) vectors[static_cast<size_t>(d)] = vector_of(tile, k_.r, all.first + d);
    row_products(std::span<const T>(query), std::span<const T* const>(vectors), k_.scale, products.data());
    over_columns(tile, 0, all, [&](int64_t j, int64_t place) { score[j] += products[static_cast<size_t>(place)]; });
  }

  static constexpr int64_t kRows = 16;  // with more, more of a product is of distances that only some of them have

  struct Distances {
    int64_t first, count;
  };

  // Of the tile's rows [row, row + rows).
  Distances distances(const ScoreTile& tile, int64_t row, int64_t rows) const {
    const int64_t nearest = tile.key - tile.query - row;  // of the first row and column
    const int64_t first = std::clamp(nearest - rows + 1, k_.low, k_.high);
    return {first, std::clamp(nearest + tile.columns - 1, k_.low, k_.high) - first + 1};
  }
  // body(first row, rows, their distances)
  template <class Body>
  void over_blocks(const ScoreTile& tile, Body&& body) const {
    for (int64_t row = 0; row < tile.rows; row += kRows) {
      const int64_t rows = std::min(kRows, tile.rows - row);
      body(row, rows, distances(tile, row, rows));
    }
  }
  // body(column, its distance's place in the block) for all columns of a row.
  template <class Body>
  void over_columns(const ScoreTile& tile, int64_t row, const Distances& block, Body&& body) const {
    const int64_t of_first = tile.key - tile.query - row;
    const int64_t begin = std::clamp<int64_t>(k_.low - of_first, 0, tile.columns);
    const int64_t end = std::clamp(k_.high - of_first + 1, begin, tile.columns);
    for (int64_t j = 0; j < begin; ++j) body(j, k_.low - block.first);
    for (int64_t j = begin; j < end; ++j) body(j, of_first - block.first + j);
    for (int64_t j = end; j < tile.columns; ++j) body(j, k_.high - block.first);
  }
  template <class U>
  U* vector_of(const ScoreTile& tile, U* r, int64_t distance) const {
    return r + (distance - k_.low) * k_.stride() + (k_.per_head ? tile.head * k_.width : 0);
  }
  // factor·(q + shift), [rows, width].
  void shift_rows(const ScoreTile& tile, const T* q, T factor, std::vector<T>& rows) const {
    rows.resize(static_cast<size_t>(tile.rows * k_.width));
    const T* shift = k_.shift ? k_.shift + tile.head * k_.width : nullptr;
    T* to = rows.data();
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t c = 0; c < k_.width; ++c) *to++ = factor * (q[i * tile.query_stride + c] + (shift ? shift[c] : 0));
  }
  void add_row(const T* row, T* to) const {
    for (int64_t c = 0; c < k_.width; ++c) to[c] += row[c];
  }

  DistanceKeys<T> k_;
};

}  // namespace heddle::kernels
