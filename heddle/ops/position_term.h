#pragma once
// What positions add to the scores of an attention, by the distance key - query or by what lies between; its weights
// lie on the tape.
//
//   slope   -slopes[head]·|distance|
//   bias    table[buckets[distance + reach], head]                        table [buckets, heads]
//   key     scale·(q + shift)·table[clamp(distance, low, high) - low]     table [distances, width or heads·width]
//   context q·table[how many keys from this one to the query matter to it]           table [positions, width]

#include <span>

#include "heddle/tensor/tensor.h"

namespace heddle::ops {

struct PositionTerm {
  enum class Kind : uint8_t { none, slope, bias, key, context };
  Kind kind = Kind::none;
  std::span<const double> slopes = {};    // [heads]; outlives the tape
  Tensor table = {};                      // bias, key and context
  std::span<const int32_t> buckets = {};  // bias: of distances -reach … reach; outlives the tape
  int64_t reach = 0;
  // key: where the table is made, basis·factorᵀ, these, and the factor lies on the tape in the table's place: so that
  // gradients that are kept apart by sequence reach the weight. basis [distances, any].
  Tensor basis = {}, factor = {};
  Tensor shift = {};  // key: [heads·width]; undefined: none
  int64_t low = 0, high = 0;

  bool exists() const { return kind != Kind::none; }
  // What of the table lies on the tape.
  const Tensor& learned() const { return factor.defined() ? factor : table; }
};

}  // namespace heddle::ops
