#pragma once
// score += z[p], p = min(Σ g_k over the keys from this one to the query, P - 1), g_k = σ(score_k), z[m] = q·e[m],
// between whole numbers z[p] = (1 - w)·z[m] + w·z[m + 1], m = ⌊p⌋, w = p - m: positions that count what the query asks
// for (Golovneva et al. 2024, CoPE). score: as the terms before this one leave it. Keys behind the query count as
// nothing.
//
// e [P, width], P ≥ 2, the same for all heads. Both passes make the gates of a tile from its scores: nothing is n×n.
// The forward pass walks a query's keys from the nearest on, so that a count grows from 0, and past P - 1 is not
// pursued. The backward pass walks them from the farthest on, as what is said of a position is said of the gates of all
// nearer keys; how far the forward pass came tells it where each query's count begins.
//
// All places that some queries of a tile reach are met by them in one product.

#include <algorithm>
#include <span>
#include <vector>

#include "heddle/kernels/attention_tile_size.h"
#include "heddle/kernels/position_terms/columns.h"
#include "heddle/kernels/position_terms/parts.h"
#include "heddle/kernels/sigmoid.h"
#include "heddle/kernels/tile_product.h"

namespace heddle::kernels {

// Of one query and head. In double, so that what the forward pass adds up the backward pass takes away again; where it
// gets queries and keys back narrowed, the nearest places are as exact as these.
struct ContextCount {
  double farthest = 0;  // position of the first key of the farthest piece of keys with a place before the last
  double nearer = 0;    // Σ gates of the keys nearer than that piece
};

template <class T>
struct ContextualPositions {
  const T* e = nullptr;
  int64_t positions = 0, width = 0;  // of e; of a head
  int heads = 1;
  std::span<const int32_t> offsets, query_start;  // of the query sequences: rows, and their first positions
  ContextCount* counts = nullptr;                 // [query rows, heads], the forward pass writes them
  double* state = nullptr;                        // [query rows, heads, 2], zero-filled
  bool counted = false;                           // in a backward pass
  TermParts<T> gradients;                         // of e
};

template <class T>
class ContextualPosition : public ScoreTerm<T> {
 public:
  explicit ContextualPosition(const ContextualPositions<T>& positions) : p_(positions) {
    put_in_columns(p_.e, p_.width, p_.positions, p_.width, columns_);
  }

  void add(const ScoreTile& tile, const T* q, T* score) const override {
    Found& found = found_by_thread();
    found.prepare(tile);
    for (int64_t row = 0; row < tile.rows; row += kRows) {
      const Block& block = find(tile, row, std::min(kRows, tile.rows - row), score, found);
      tile_product(TileProduct<T>{block.rows, block.pitch, p_.width, q + row * tile.query_stride, tile.query_stride, 1,
                                  columns_.data() + block.first, padded(p_.positions), found.z.data() + block.z,
                                  block.pitch});
      for (int64_t i = 0; i < block.rows; ++i) add_to_row(tile, block, i, found, score);
    }
  }

  void backward(const ScoreTile& tile, const T* q, T* dscore, T* dq, int lane) const override {
    Found& found = found_by_thread();
    T* de = p_.gradients.memory ? p_.gradients.of(tile, lane) : nullptr;
    for (const Block& block : found.blocks) {
      found.dz.assign(static_cast<size_t>(block.rows * block.pitch), 0);
      for (int64_t i = 0; i < block.rows; ++i) backward_of_row(tile, block, i, found, dscore);
      tile_product(TileProduct<T>{block.rows, p_.width, block.count, found.dz.data(), block.pitch, 1,
                                  p_.e + block.first * p_.width, p_.width, dq + block.row * tile.gradient_stride,
                                  tile.gradient_stride, true});
      if (de)
        tile_product(TileProduct<T>{block.count, p_.width, block.rows, found.dz.data(), 1, block.pitch,
                                    q + block.row * tile.query_stride, tile.query_stride, de + block.first * p_.width,
                                    p_.width, true});
    }
  }

 private:
  static constexpr int64_t kPiece = kKeyTile;  // keys
  static constexpr int64_t kRows = 16;         // with more, more of a product is of places that only some of them have

  struct State {
    double count;  // forward: Σ gates so far; backward: Σ gates of the keys nearer than the last piece
    double slope;  // Σ dp so far
  };

  // The columns of a row that have a place of their own; those before stand at the last.
  struct RowPlaces {
    int64_t begin, end;
    T *gate, *w;
    int32_t* place;
  };

  // Some rows of a tile, and the places that any of them needs.
  struct Block {
    int64_t row, rows, first, count, pitch;
    size_t z;  // where the z of its rows and places begin, [rows, pitch]
  };

  // What add() finds in a tile, for backward() as well.
  struct Found {
    std::vector<T> gate, w;  // [rows, columns]
    std::vector<int32_t> place;
    std::vector<int64_t> begin;  // [rows]
    std::vector<Block> blocks;
    std::vector<T> z, dz;

    void prepare(const ScoreTile& tile) {
      const auto pairs = static_cast<size_t>(tile.rows * tile.columns);
      if (gate.size() < pairs) gate.resize(pairs), w.resize(pairs), place.resize(pairs);
      begin.assign(static_cast<size_t>(tile.rows), 0);
      blocks.clear();
    }
    RowPlaces row(const ScoreTile& tile, int64_t i) {
      const int64_t at = i * tile.columns;
      return {begin[static_cast<size_t>(i)], std::clamp<int64_t>(tile.query + i - tile.key + 1, 0, tile.columns),
              gate.data() + at, w.data() + at, place.data() + at};
    }
  };
  static Found& found_by_thread() {
    static thread_local Found found;
    return found;
  }

  const Block& find(const ScoreTile& tile, int64_t first_row, int64_t rows, const T* score, Found& found) const {
    int64_t low = p_.positions - 2, high = 0;
    for (int64_t i = first_row; i < first_row + rows; ++i) {
      RowPlaces row = found.row(tile, i);
      const T* scores = score + i * tile.stride;
      if (p_.counted) follow(tile, i, scores, row);
      else count(tile, i, scores, row);
      found.begin[static_cast<size_t>(i)] = row.begin;
      if (row.begin > 0) high = p_.positions - 2;
      // Places fall from key to key; from piece to piece up to rounding.
      for (int64_t begin = row.begin; begin < row.end; begin += kPiece) {
        high = std::max(high, int64_t{row.place[begin]});
        low = std::min(low, int64_t{row.place[std::min(begin + kPiece, row.end) - 1]});
      }
    }
    Block block = {.row = first_row, .rows = rows, .first = std::min(low, high), .count = 0, .pitch = 0, .z = 0};
    block.count = high - block.first + 2;
    block.pitch = padded(block.count);
    if (!found.blocks.empty()) {
      const Block& last = found.blocks.back();
      block.z = last.z + static_cast<size_t>(last.rows * last.pitch);
    }
    found.z.resize(std::max(found.z.size(), block.z + static_cast<size_t>(rows * block.pitch)));
    return found.blocks.emplace_back(block);
  }

  // Row i of the block.
  void add_to_row(const ScoreTile& tile, const Block& block, int64_t i, Found& found, T* score) const {
    const T* z = found.z.data() + block.z + i * block.pitch;
    T* scores = score + (block.row + i) * tile.stride;
    const RowPlaces row = found.row(tile, block.row + i);
    for (int64_t j = 0; j < row.begin; ++j) scores[j] += z[p_.positions - 1 - block.first];
    for (int64_t j = row.begin; j < row.end; ++j) {
      const T* at = z + (row.place[j] - block.first);
      scores[j] += at[0] + row.w[j] * (at[1] - at[0]);
    }
  }

  // Forward: from the nearest piece of the row to the farthest that has a place before the last.
  void count(const ScoreTile& tile, int64_t i, const T* scores, RowPlaces& row) const {
    State& state = state_of(tile, i);
    ContextCount& counted = p_.counts[number_of(tile, i)];
    for (int64_t begin = row.end > 0 ? (row.end - 1) / kPiece * kPiece : -1; begin >= 0; begin -= kPiece) {
      const int64_t end = std::min(begin + kPiece, row.end);
      if (state.count >= static_cast<double>(p_.positions - 1)) {
        row.begin = end;
        return;
      }
      counted = {static_cast<double>(tile.key + begin), state.count};
      const T sum = count_gates(scores, begin, end, row);
      place(state.count, begin, end, row);
      state.count += static_cast<double>(sum);
    }
  }

  // Backward: from there on to the nearest.
  void follow(const ScoreTile& tile, int64_t i, const T* scores, RowPlaces& row) const {
    State& state = state_of(tile, i);
    const ContextCount& counted = p_.counts[number_of(tile, i)];
    const auto farthest = static_cast<int64_t>(counted.farthest);
    row.begin = std::clamp<int64_t>(farthest - tile.key, 0, row.end);
    for (int64_t begin = row.begin; begin < row.end; begin += kPiece) {
      const int64_t end = std::min(begin + kPiece, row.end);
      const T sum = count_gates(scores, begin, end, row);
      state.count = tile.key + begin == farthest ? counted.nearer : state.count - static_cast<double>(sum);
      place(state.count, begin, end, row);
    }
  }

  // The gates of a piece, and in w the sums of each and all behind it in the piece; returns that of all.
  static T count_gates(const T* scores, int64_t begin, int64_t end, RowPlaces& row) {
    std::copy(scores + begin, scores + end, row.gate + begin);
    sigmoids(std::span<T>(row.gate + begin, row.gate + end));
    T sum = 0;
    for (int64_t j = end - 1; j >= begin; --j) row.w[j] = sum += row.gate[j];
    return sum;
  }

  // From sums within a piece to places and what lies beyond them.
  void place(double nearer, int64_t begin, int64_t end, RowPlaces& row) const {
    const auto last = static_cast<double>(p_.positions - 1);
    const auto last_place = static_cast<int32_t>(p_.positions - 2);
    for (int64_t j = begin; j < end; ++j) {
      // What is no number counts as the last place, so that one is always found.
      const double sum = nearer + static_cast<double>(row.w[j]), position = sum < last ? std::max(sum, 0.0) : last;
      row.place[j] = std::min(static_cast<int32_t>(position), last_place);
      row.w[j] = static_cast<T>(position - row.place[j]);
    }
  }

  // What the scores' gradients say of z, into dz; what they say of p is handed on to the gates, and so to the scores.
  void backward_of_row(const ScoreTile& tile, const Block& block, int64_t i, Found& found, T* dscores) const {
    const T* z = found.z.data() + block.z + i * block.pitch;
    T* dz = found.dz.data() + i * block.pitch;
    T* dscore = dscores + (block.row + i) * tile.stride;
    const RowPlaces row = found.row(tile, block.row + i);
    State& state = state_of(tile, block.row + i);
    for (int64_t j = 0; j < row.begin; ++j) dz[p_.positions - 1 - block.first] += dscore[j];
    T slope = 0;  // within the tile
    const auto before = static_cast<T>(state.slope);
    for (int64_t j = row.begin; j < row.end; ++j) {
      const int64_t m = row.place[j] - block.first;
      const T ds = dscore[j], w = row.w[j];
      dz[m] += (1 - w) * ds;
      dz[m + 1] += w * ds;
      // At the last position nothing moves. A gate counts in the positions of its key and of all farther ones.
      slope += w < 1 || row.place[j] < p_.positions - 2 ? ds * (z[m + 1] - z[m]) : 0;
      dscore[j] += (before + slope) * row.gate[j] * (1 - row.gate[j]);
    }
    state.slope += static_cast<double>(slope);
  }

  int64_t number_of(const ScoreTile& tile, int64_t i) const {
    const auto s = static_cast<size_t>(tile.sequence);
    const int64_t start = p_.query_start.empty() ? 0 : p_.query_start[s];
    return (p_.offsets[s] + tile.query - start + i) * p_.heads + tile.head;
  }
  State& state_of(const ScoreTile& tile, int64_t i) const {
    static_assert(sizeof(State) == 2 * sizeof(double));
    return reinterpret_cast<State*>(p_.state)[number_of(tile, i)];
  }

  ContextualPositions<T> p_;
  std::vector<T> columns_;  // e
};

}  // namespace heddle::kernels
