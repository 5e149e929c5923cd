#pragma once
// score += Σ_c v_c·tanh(q_c + k_c), in place of a dot product (Bahdanau et al. 2015): a term that reads the keys too.
//
// v [heads·width]. The gradients of keys are added where those of the kernel go, which walks all queries of a key head
// on one thread; those of v go into pieces.

#include <cmath>

#include "heddle/kernels/position_terms/parts.h"

namespace heddle::kernels {

template <class T>
struct AdditiveWeights {
  const T* v = nullptr;
  int64_t width = 0;       // of a head
  int queries_of_key = 1;  // heads of queries that read one head of keys
  TermParts<T> gradients;  // [heads·width]
};

template <class T>
class AdditiveScore : public ScoreTerm<T> {
 public:
  // Arrays, by the number of the source.
  AdditiveScore(const AdditiveWeights<T>& weights, const KeySource<T>* sources, const KeyGradients<T>* keys)
      : w_(weights), sources_(sources), keys_(keys) {}

  void add(const ScoreTile& tile, const T* q, T* score) const override {
    const T* v = w_.v + tile.head * w_.width;
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j) {
        const T *query = q + i * tile.query_stride, *key = key_of(tile, j);
        T sum = 0;
        for (int64_t c = 0; c < w_.width; ++c) sum += v[c] * std::tanh(query[c] + key[c]);
        score[i * tile.stride + j] += sum;
      }
  }

  void backward(const ScoreTile& tile, const T* q, T* dscore, T* dq, int lane) const override {
    const T* v = w_.v + tile.head * w_.width;
    T* dv = w_.gradients.memory ? w_.gradients.of(tile, lane) + tile.head * w_.width : nullptr;
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j) {
        const T ds = dscore[i * tile.stride + j];
        if (ds == 0) continue;
        const T *query = q + i * tile.query_stride, *key = key_of(tile, j);
        T *dquery = dq + i * tile.gradient_stride, *dkey = gradient_of(tile, j);
        for (int64_t c = 0; c < w_.width; ++c) {
          const T t = std::tanh(query[c] + key[c]), slope = ds * v[c] * (1 - t * t);
          dquery[c] += slope;
          dkey[c] += slope;
          if (dv) dv[c] += ds * t;
        }
      }
  }

 private:
  const T* key_of(const ScoreTile& tile, int64_t j) const {
    return sources_[tile.source].keys + offset(tile, j, sources_[tile.source].key_stride);
  }
  T* gradient_of(const ScoreTile& tile, int64_t j) const {
    return keys_[tile.source].dkeys + offset(tile, j, keys_[tile.source].key_stride);
  }
  // Of the key of column j, in an array of key rows.
  int64_t offset(const ScoreTile& tile, int64_t j, int64_t stride) const {
    const KeySource<T>& source = sources_[tile.source];
    const int64_t sequence = source.key_sequence(tile.sequence);
    const int64_t start = source.key_start.empty() ? 0 : source.key_start[static_cast<size_t>(sequence)];
    return source.row(sequence, tile.key - start + j) * stride + tile.head / w_.queries_of_key * w_.width;
  }

  AdditiveWeights<T> w_;
  const KeySource<T>* sources_;
  const KeyGradients<T>* keys_;
};

}  // namespace heddle::kernels
