#pragma once
// score += g, g = -ln(-ln u) drawn anew for each pair of each head: a function of key, example, head and positions, as
// dropout's decisions are, and so the same in the backward pass.

#include <cmath>

#include "heddle/kernels/attention.h"

namespace heddle::kernels {

struct NoiseKey {
  uint64_t key = 0;
  const int64_t* example = nullptr;  // [query sequences]; null: no noise
};

template <class T>
class GumbelNoise : public ScoreTerm<T> {
 public:
  explicit GumbelNoise(const NoiseKey& noise) : noise_(noise) {}

  void add(const ScoreTile& tile, const T*, T* score) const override {
    const uint64_t key = mix64(noise_.key ^ static_cast<uint64_t>(tile.head));
    const auto example = static_cast<uint64_t>(noise_.example[tile.sequence]);
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j) {
        const uint32_t bits =
            random16(key, example, static_cast<uint32_t>(tile.query + i), static_cast<uint32_t>(tile.key + j));
        const double u = (static_cast<double>(bits) + 0.5) / 65536;  // within (0, 1)
        score[i * tile.stride + j] -= static_cast<T>(std::log(-std::log(u)));
      }
  }
  void backward(const ScoreTile&, const T*, T*, T*, int) const override {}  // nothing of it is learned

 private:
  NoiseKey noise_;
};

}  // namespace heddle::kernels
