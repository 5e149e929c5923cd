#pragma once
// score += z[p], p = min(Σ g_k over the keys from this one to the query, P - 1), g_k = σ(scale·q·k), z[m] = q·e[m],
// between whole numbers z[p] = (1 - w)·z[m] + w·z[m + 1], m = ⌊p⌋, w = p - m: positions that count what the query asks
// for (Golovneva et al. 2024, CoPE). Keys behind the query count as nothing.
//
// e [P, width], P ≥ 2, the same for all heads. A row's keys arrive tile by tile in ascending order, as all kernels walk
// them: so four numbers of each row and head are enough, and nothing is n×n. The gates are made anew for each of the
// total, the scores and the backward pass, from products of this term's own.

#include <algorithm>
#include <span>

#include "heddle/kernels/position_terms/parts.h"
#include "heddle/kernels/row_products.h"

namespace heddle::kernels {

template <class T>
struct ContextualPositions {
  const T* e = nullptr;
  int64_t positions = 0, width = 0;  // of e; of a head
  int heads = 1, queries_of_key = 1;
  T scale = 1;
  std::span<const int32_t> offsets, query_start;  // of the query sequences: rows, and their first positions
  double* state = nullptr;                        // [query rows, heads, 4]
  TermParts<T> gradients;                         // of e
};

template <class T>
class ContextualPosition : public ScoreTerm<T> {
 public:
  ContextualPosition(const ContextualPositions<T>& positions, const KeySource<T>& source, const KeyGradients<T>& keys)
      : p_(positions), source_(&source), keys_(keys) {}

  void add(const ScoreTile& tile, const T* q, T* score) const override {
    for (int64_t i = 0; i < tile.rows; ++i) {
      const Vector query = vector(q + i * tile.query_stride);
      Row& row = row_of(tile, i);
      if (tile.key == first_key(tile)) row = {.total = total(tile, query, i)};
      row.before = row.after;
      over_pieces(tile, query, i, row, [&](int64_t column, const Piece& piece) {
        T z[kPlaces];
        row_products(query, std::span<const T* const>(piece.e, piece.places), 1, z);
        for (int64_t j = 0; j < piece.count; ++j) {
          const int64_t m = piece.place[j];
          score[i * tile.stride + column + j] += (1 - piece.w[j]) * z[m] + piece.w[j] * z[m + 1];
        }
      });
    }
  }

  void backward(const ScoreTile& tile, const T* q, const T* dscore, T* dq, int lane) const override {
    T* de = p_.gradients.memory ? p_.gradients.of(tile, lane) : nullptr;
    for (int64_t i = 0; i < tile.rows; ++i) {
      const Vector query = vector(q + i * tile.query_stride);
      const std::span<T> dquery(dq + i * tile.gradient_stride, query.size());
      Row& row = row_of(tile, i);
      if (tile.key == first_key(tile)) row.slope = 0;
      row.after = row.before;
      over_pieces(tile, query, i, row, [&](int64_t column, const Piece& piece) {
        const T* ds = dscore + i * tile.stride + column;
        backward_of_places(piece, query, ds, dquery, de);
        backward_of_gates(tile, column, piece, query, ds, row, dquery);
      });
    }
  }

 private:
  static constexpr int64_t kPiece = 64;           // keys
  static constexpr int64_t kPlaces = kPiece + 2;  // that many gates reach, and one more on either side

  using Vector = std::span<const T>;  // of a head

  // Of one query and head: the sum of all gates, those before this tile, those before and in it; Σ dp so far. In
  // double: a count's place between whole numbers is a difference of long sums.
  struct Row {
    double total = 0, before = 0, after = 0, slope = 0;
  };

  // Some keys of a tile, and the positions that they reach: from `first` on.
  struct Piece {
    int64_t count, first;
    size_t places;
    const T* keys[kPiece];
    T gate[kPiece], w[kPiece];
    int64_t place[kPiece];  // m - first
    bool moves[kPiece];     // p is a number between the ends
    const T* e[kPlaces];
  };

  // body(first column, piece) for the keys of the tile that are not behind the query; row.after takes their gates.
  template <class Body>
  void over_pieces(const ScoreTile& tile, Vector query, int64_t i, Row& row, Body&& body) const {
    const int64_t seen = std::min(tile.columns, tile.query + i - tile.key + 1);
    Piece piece;
    for (int64_t column = 0; column < seen; column += kPiece) {
      piece.count = std::min(kPiece, seen - column);
      find_gates(tile, query, tile.key + column, piece.count, piece.keys, piece.gate);
      find_places(row, piece);
      body(column, piece);
    }
  }

  void find_places(Row& row, Piece& piece) const {
    const auto last = static_cast<double>(p_.positions - 1);
    for (int64_t j = 0; j < piece.count; ++j) {
      // What is no number counts as nothing, so that a place is always found.
      const double left = row.total - row.after, position = left > 0 ? std::min(left, last) : 0;
      piece.place[j] = std::min(static_cast<int64_t>(position), p_.positions - 2);
      piece.w[j] = static_cast<T>(position - static_cast<double>(piece.place[j]));
      piece.moves[j] = left < last;
      row.after += static_cast<double>(piece.gate[j]);
    }
    // Positions fall from key to key.
    piece.first = piece.place[piece.count - 1];
    piece.places = static_cast<size_t>(piece.place[0] - piece.first + 2);
    for (int64_t j = 0; j < piece.count; ++j) piece.place[j] -= piece.first;
    for (size_t m = 0; m < piece.places; ++m) piece.e[m] = p_.e + (piece.first + static_cast<int64_t>(m)) * p_.width;
  }

  // What the scores' gradients say of z[m] and z[m + 1], handed on to the query and to e.
  void backward_of_places(const Piece& piece, Vector query, const T* ds, std::span<T> dquery, T* de) const {
    T slope[kPlaces] = {};
    for (int64_t j = 0; j < piece.count; ++j) {
      slope[piece.place[j]] += (1 - piece.w[j]) * ds[j];
      slope[piece.place[j] + 1] += piece.w[j] * ds[j];
    }
    add_weighted_rows(slope, std::span<const T* const>(piece.e, piece.places), dquery);
    if (!de) return;
    T* rows[kPlaces];
    for (size_t m = 0; m < piece.places; ++m) rows[m] = de + (piece.e[m] - p_.e);
    add_to_rows(slope, query, std::span<T* const>(rows, piece.places));
  }

  // What they say of p, handed on to the gates, and from there to the query and the keys.
  void backward_of_gates(const ScoreTile& tile, int64_t column, const Piece& piece, Vector query, const T* ds, Row& row,
                         std::span<T> dquery) const {
    T z[kPlaces], of_product[kPiece];
    T* dkeys[kPiece];
    row_products(query, std::span<const T* const>(piece.e, piece.places), 1, z);
    for (int64_t j = 0; j < piece.count; ++j) {
      const int64_t m = piece.place[j];
      if (piece.moves[j]) row.slope += static_cast<double>(ds[j] * (z[m + 1] - z[m]));
      // A gate counts in the positions of this key and of all before it.
      of_product[j] = p_.scale * static_cast<T>(row.slope) * piece.gate[j] * (1 - piece.gate[j]);
      dkeys[j] = keys_.dkeys + offset(tile, tile.key + column + j, keys_.key_stride);
    }
    const auto count = static_cast<size_t>(piece.count);
    add_weighted_rows(of_product, std::span<const T* const>(piece.keys, count), dquery);
    add_to_rows(of_product, query, std::span<T* const>(dkeys, count));
  }

  double total(const ScoreTile& tile, Vector query, int64_t i) const {
    const int64_t first = first_key(tile), length = source_->length[static_cast<size_t>(keys_of(tile))];
    const int64_t end = std::min(tile.query + i + 1, first + length);
    double sum = 0;
    for (int64_t key = first; key < end; key += kPiece) {
      const T* keys[kPiece];
      T gate[kPiece];
      const int64_t count = std::min(kPiece, end - key);
      find_gates(tile, query, key, count, keys, gate);
      for (int64_t j = 0; j < count; ++j) sum += static_cast<double>(gate[j]);
    }
    return sum;
  }
  // Of the keys from position `key` on, at most kPiece; where they lie as well.
  void find_gates(const ScoreTile& tile, Vector query, int64_t key, int64_t count, const T** keys, T* gate) const {
    for (int64_t j = 0; j < count; ++j) keys[j] = source_->keys + offset(tile, key + j, source_->key_stride);
    const auto n = static_cast<size_t>(count);
    row_products(query, std::span<const T* const>(keys, n), p_.scale, gate);
    sigmoids(std::span<T>(gate, n));
  }
  Vector vector(const T* data) const { return {data, static_cast<size_t>(p_.width)}; }

  Row& row_of(const ScoreTile& tile, int64_t i) const {
    static_assert(sizeof(Row) == 4 * sizeof(double));
    const auto s = static_cast<size_t>(tile.sequence);
    const int64_t start = p_.query_start.empty() ? 0 : p_.query_start[s];
    const int64_t row = p_.offsets[s] + tile.query - start + i;
    return reinterpret_cast<Row*>(p_.state)[row * p_.heads + tile.head];
  }
  int64_t keys_of(const ScoreTile& tile) const { return source_->key_sequence(tile.sequence); }
  int64_t first_key(const ScoreTile& tile) const {
    return source_->key_start.empty() ? 0 : source_->key_start[static_cast<size_t>(keys_of(tile))];
  }
  // Of the key at a position, in an array of key rows.
  int64_t offset(const ScoreTile& tile, int64_t key, int64_t stride) const {
    return source_->row(keys_of(tile), key - first_key(tile)) * stride + tile.head / p_.queries_of_key * p_.width;
  }

  ContextualPositions<T> p_;
  const KeySource<T>* source_;
  KeyGradients<T> keys_;
};

}  // namespace heddle::kernels
