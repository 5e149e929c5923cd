#pragma once
// score += z[p], p = min(Σ g_k over the keys from this one to the query, P - 1), g_k = σ(scale·q·k), z[m] = q·e[m],
// between whole numbers z[p] = (1 - w)·z[m] + w·z[m + 1], m = ⌊p⌋, w = p - m: positions that count what the query asks
// for (Golovneva et al. 2024, CoPE). Keys behind the query count as nothing.
//
// e [P, width], P ≥ 2, the same for all heads. A row's keys arrive tile by tile in ascending order, as all kernels walk
// them: so four numbers of each row and head are enough, and nothing is n×n. The gates are made three times, from dot
// products of this term's own.

#include <algorithm>
#include <cmath>

#include "heddle/kernels/dot.h"
#include "heddle/kernels/position_terms/parts.h"

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
      const T* query = q + i * tile.query_stride;
      Row& row = row_of(tile, i);
      if (tile.key == first_key(tile)) row = {.total = total(tile, query, i)};
      row.before = row.after;
      Interpolation z{*this, query};
      over_keys(tile, query, i, row, [&](int64_t j, int64_t m, T w, T) {
        z.move_to(m);
        score[i * tile.stride + j] += (1 - w) * z.here + w * z.next;
      });
    }
  }

  void backward(const ScoreTile& tile, const T* q, const T* dscore, T* dq, int lane) const override {
    T* de = p_.gradients.memory ? p_.gradients.of(tile, lane) : nullptr;
    for (int64_t i = 0; i < tile.rows; ++i) {
      const T* query = q + i * tile.query_stride;
      T* dquery = dq + i * tile.gradient_stride;
      Row& row = row_of(tile, i);
      if (tile.key == first_key(tile)) row.slope = 0;
      row.after = row.before;
      Interpolation z{*this, query};
      Slopes slopes{*this, query, dquery, de};
      over_keys(tile, query, i, row, [&](int64_t j, int64_t m, T w, T gate) {
        const T ds = dscore[i * tile.stride + j];
        z.move_to(m);
        slopes.move_to(m);
        slopes.here += (1 - w) * ds;
        slopes.next += w * ds;
        if (row.total - row.after < static_cast<double>(p_.positions - 1))
          row.slope += static_cast<double>(ds * (z.next - z.here));
        // A gate counts in the positions of this key and of all before it.
        const T of_score = p_.scale * static_cast<T>(row.slope) * gate * (1 - gate);
        const T* key = source_->keys + offset(tile, tile.key + j, source_->key_stride);
        T* dkey = keys_.dkeys + offset(tile, tile.key + j, keys_.key_stride);
        for (int64_t c = 0; c < p_.width; ++c) {
          dquery[c] += of_score * key[c];
          dkey[c] += of_score * query[c];
        }
      });
      slopes.flush();
    }
  }

 private:
  // Of one query and head: the sum of all gates, those before this tile, those before and in it; Σ dp so far. In
  // double: a count's place between whole numbers is a difference of long sums.
  struct Row {
    double total = 0, before = 0, after = 0, slope = 0;
  };

  // z[m] and z[m + 1]; m falls from key to key.
  struct Interpolation {
    const ContextualPosition& term;
    const T* query;
    int64_t m = -1;
    T here = 0, next = 0;

    void move_to(int64_t to) {
      if (to == m) return;
      next = to + 1 == m ? here : term.product(query, to + 1);
      here = term.product(query, to);
      m = to;
    }
  };
  // The gradients of z[m] and z[m + 1], until m moves on.
  struct Slopes {
    const ContextualPosition& term;
    const T* query;
    T *dquery, *de;
    int64_t m = -1;
    T here = 0, next = 0;

    void move_to(int64_t to) {
      if (to == m) return;
      const bool falls_by_one = m >= 0 && to + 1 == m;
      if (m >= 0) add(m + 1, next);
      if (m >= 0 && !falls_by_one) add(m, here);
      next = falls_by_one ? here : T{0};
      here = 0;
      m = to;
    }
    void flush() {
      if (m < 0) return;
      add(m + 1, next);
      add(m, here);
    }
    void add(int64_t position, T slope) {
      if (slope == 0) return;
      const int64_t width = term.p_.width;
      const T* e = term.p_.e + position * width;
      for (int64_t c = 0; c < width; ++c) dquery[c] += slope * e[c];
      if (!de) return;
      for (int64_t c = 0; c < width; ++c) de[position * width + c] += slope * query[c];
    }
  };

  // body(column, m, w, gate) for the keys of the tile that are not behind the query; row.after takes their gates.
  template <class Body>
  void over_keys(const ScoreTile& tile, const T* query, int64_t i, Row& row, Body&& body) const {
    const int64_t seen = std::min(tile.columns, tile.query + i - tile.key + 1);
    for (int64_t j = 0; j < seen; ++j) {
      const double position = std::clamp(row.total - row.after, 0.0, static_cast<double>(p_.positions - 1));
      const int64_t m = std::min(static_cast<int64_t>(position), p_.positions - 2);
      const T g = gate(tile, query, tile.key + j);
      body(j, m, static_cast<T>(position - static_cast<double>(m)), g);
      row.after += static_cast<double>(g);
    }
  }

  double total(const ScoreTile& tile, const T* query, int64_t i) const {
    const int64_t first = first_key(tile), length = source_->length[static_cast<size_t>(keys_of(tile))];
    double sum = 0;
    for (int64_t k = first; k <= std::min(tile.query + i, first + length - 1); ++k)
      sum += static_cast<double>(gate(tile, query, k));
    return sum;
  }
  T gate(const ScoreTile& tile, const T* query, int64_t key) const {
    return 1 / (1 + std::exp(-p_.scale * dot(query, source_->keys + offset(tile, key, source_->key_stride), p_.width)));
  }
  T product(const T* query, int64_t position) const { return dot(query, p_.e + position * p_.width, p_.width); }

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
