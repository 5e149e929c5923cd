#pragma once
// What positions add to the scores of an attention, by the distance key - query; its weights lie on the tape.
//
//   slope   -slopes[head]·|distance|
//   bias    table[buckets[distance + reach], head]                        table [buckets, heads]
//   key     scale·(q + shift)·table[clamp(distance, low, high) - low]     table [distances, width or heads·width]

#include <span>

#include "heddle/tensor/tensor.h"

namespace heddle::ops {

struct PositionTerm {
  enum class Kind : uint8_t { none, slope, bias, key };
  Kind kind = Kind::none;
  std::span<const double> slopes = {};    // [heads]; outlives the tape
  Tensor table = {};                      // bias and key
  std::span<const int32_t> buckets = {};  // bias: of distances -reach … reach; outlives the tape
  int64_t reach = 0;
  Tensor shift = {};  // key: [heads·width]; undefined: none
  int64_t low = 0, high = 0;

  bool exists() const { return kind != Kind::none; }
};

}  // namespace heddle::ops
