// What the forward and the backward pass of attention share: where a (sequence, head) lies, packing
// of its keys and values, and the scores of one tile.

#if defined(HEDDLE_ATTENTION_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef HEDDLE_ATTENTION_TILE_INL_H
#undef HEDDLE_ATTENTION_TILE_INL_H
#else
#define HEDDLE_ATTENTION_TILE_INL_H
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include <hwy/contrib/math/math-inl.h>
#include "heddle/kernels/attention.h"
#include "heddle/kernels/cpu/small_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kQueryTile = 48, kKeyTile = 96;
constexpr float kNothing = -std::numeric_limits<float>::infinity();

HWY_INLINE int64_t padded(int64_t count) { return (count + 15) / 16 * 16; }

// Cuts the caller's memory into pieces of whole vectors.
struct Cutter {
  float* next;
  float* take(int64_t count) {
    float* piece = next;
    next += padded(count);
    return piece;
  }
};

// Rows of vectors whose width is padded to whole vectors: in place when that is so already.
struct RowBlock {
  const float* data;
  int64_t stride;
};

template <class RowOf>
HWY_INLINE RowBlock pack_rows(int64_t count, int64_t width, bool in_place, int64_t stride, RowOf&& row_of,
                              float* buffer) {
  if (in_place && width % 16 == 0) return {row_of(0), stride};
  const int64_t wide = padded(width);
  for (int64_t j = 0; j < count; ++j) {
    std::memcpy(buffer + j * wide, row_of(j), static_cast<size_t>(width) * sizeof(float));
    std::fill(buffer + j * wide + width, buffer + (j + 1) * wide, 0.0f);
  }
  return {buffer, wide};
}

// transposed[d][j] for j < padded(count), zero beyond count.
template <class RowOf>
HWY_INLINE void pack_transposed(int64_t count, int64_t width, RowOf&& row_of, float* transposed) {
  const int64_t wide = padded(count);
  for (int64_t j = 0; j < count; ++j) {
    const float* row = row_of(j);
    for (int64_t d = 0; d < width; ++d) transposed[d * wide + j] = row[d];
  }
  for (int64_t d = 0; d < width; ++d) std::fill(transposed + d * wide + count, transposed + (d + 1) * wide, 0.0f);
}

// The rows of one query sequence.
struct QueryRows {
  int64_t sequence, first, count;

  QueryRows(const AttentionQueries<float>& queries, int64_t of)
      : sequence(of),
        first(queries.offsets[static_cast<size_t>(of)]),
        count(queries.offsets[static_cast<size_t>(of) + 1] - first) {}
};

// One query sequence and key head within one source.
struct SourceSlice {
  const KeySource<float>* source;
  int64_t index, key_sequence, length;
  MaskFacts facts;
  int64_t query_start, key_start;
  int key_head;

  SourceSlice(std::span<const KeySource<float>> sources, size_t s, const QueryRows& rows, int head)
      : source(&sources[s]),
        index(static_cast<int64_t>(s)),
        key_sequence(source->key_sequence(rows.sequence)),
        length(source->length[static_cast<size_t>(key_sequence)]),
        facts(source->facts(rows.sequence, rows.first, rows.count)),
        query_start(facts.query_start),
        key_start(facts.key_start),
        key_head(head) {}

  const float* key(int64_t j, int64_t width) const {
    return source->keys + source->row(key_sequence, j) * source->key_stride + key_head * width;
  }
  const float* value(int64_t j, int64_t width) const {
    return source->values + source->row(key_sequence, j) * source->value_stride + key_head * width;
  }
  bool contiguous() const { return source->block_table.empty(); }
};

// A tile of scores: query rows [i0, i0 + rows) and key columns [j0, j0 + columns) of a source.
struct TilePlace {
  int64_t sequence;
  int head;
  int64_t i0, rows, j0, columns;
};

// Calls visit(first key, number of keys, verdict) for every tile that the queries [i0, i0 + rows) may see, in order.
// Ranges of keys are judged before their halves: what is far out of sight costs no question a tile.
template <class Visit>
HWY_INLINE void for_each_tile(const SourceSlice& slice, const Mask& mask, int64_t i0, int64_t rows, Visit&& visit) {
  struct Range {
    int64_t begin, end;  // tiles
  };
  std::array<Range, 64> waiting;  // one for each halving at most
  size_t count = 0;
  if (rows > 0 && slice.length > 0) waiting[count++] = {0, (slice.length + kKeyTile - 1) / kKeyTile};
  while (count > 0) {
    const auto [begin, end] = waiting[--count];
    const int64_t query = slice.query_start + i0, first = begin * kKeyTile,
                  last = std::min(end * kKeyTile, slice.length);
    const auto verdict =
        mask.verdict(query, query + rows, slice.key_start + first, slice.key_start + last, slice.facts);
    if (verdict == Mask::Verdict::none) continue;
    if (verdict == Mask::Verdict::all || end - begin == 1) {
      for (int64_t j0 = first; j0 < last; j0 += kKeyTile) visit(j0, std::min(kKeyTile, last - j0), verdict);
      continue;
    }
    const int64_t middle = begin + (end - begin) / 2;
    waiting[count++] = {middle, end};
    waiting[count++] = {begin, middle};
  }
}

// row[j] = made(mask of lanes, row[j]) for the keys [key, key + columns) that a query sees, up to the end of the
// padding, which nobody sees.
template <class Make>
HWY_INLINE void where_visible(const Mask& mask, const MaskFacts& facts, int64_t query, int64_t key, int64_t columns,
                              float* row, Make&& make) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t word = 0; word < columns; word += 64) {
    const int64_t count = std::min<int64_t>(64, columns - word);
    const uint64_t bits = mask.visible(query, key + word, count, facts);
    for (int64_t j = 0; j < padded(count); j += lanes) {
      const uint64_t here = bits >> j;
      uint8_t bytes[8];
      std::memcpy(bytes, &here, sizeof(here));
      float* at = row + word + j;
      hn::StoreU(make(hn::LoadMaskBits(d, bytes), hn::LoadU(d, at)), d, at);
    }
  }
}

// Adds what the mask adds to a tile of scores.
HWY_INLINE void add_biases(const Mask& mask, const SourceSlice& slice, const ScoreTile& tile, float* score) {
  const hn::ScalableTag<float> d;
  for (const MaskBias& bias : mask.biases()) {
    if (bias.where.verdict(tile.query, tile.query + tile.rows, tile.key, tile.key + tile.columns, slice.facts) ==
        Mask::Verdict::none)
      continue;
    const auto more = hn::Set(d, static_cast<float>(bias.score));
    for (int64_t i = 0; i < tile.rows; ++i)
      where_visible(bias.where, slice.facts, tile.query + i, tile.key, tile.columns, score + i * tile.stride,
                    [&](auto seen, auto old) HWY_ATTR { return hn::IfThenElse(seen, hn::Add(old, more), old); });
  }
}

// Puts -infinity where the mask or the padding of a tile's rows forbids.
HWY_INLINE void hide(const Mask& mask, const SourceSlice& slice, const ScoreTile& tile, Mask::Verdict verdict,
                     float* score) {
  const hn::ScalableTag<float> d;
  const auto nothing = hn::Set(d, kNothing);
  for (int64_t i = 0; i < tile.rows; ++i) {
    float* row = score + i * tile.stride;
    if (verdict == Mask::Verdict::mixed)
      where_visible(mask, slice.facts, tile.query + i, tile.key, tile.columns, row,
                    [&](auto seen, auto old) HWY_ATTR { return hn::IfThenElse(seen, old, nothing); });
    else std::fill(row + tile.columns, row + padded(tile.columns), kNothing);
  }
}

// score [rows, padded(columns)] = cap(scale·q·kᵀ) + terms + biases, -infinity where a mask or the padding
// forbids. `slope`: null, or receives the soft cap's derivative.
HWY_INLINE void tile_scores(const AttentionPlan<float>& plan, const SourceSlice& slice, const TilePlace& place,
                            Mask::Verdict verdict, const float* q, int64_t q_stride, const float* keys_transposed,
                            int64_t key_pitch, float* score, float* slope) {
  const int64_t wide = padded(place.columns);
  small_product({place.rows, wide, plan.key_width, q, q_stride, 1, keys_transposed + place.j0, key_pitch, score, wide,
                 plan.scale, false});
  if (plan.soft_cap > 0)
    for (int64_t x = 0; x < place.rows * wide; ++x) {
      const float t = std::tanh(score[x] / plan.soft_cap);
      score[x] = plan.soft_cap * t;
      if (slope) slope[x] = 1 - t * t;
    }
  const ScoreTile tile = {
      place.sequence, slice.index, place.head, slice.query_start + place.i0, slice.key_start + place.j0, place.rows,
      place.columns,  wide,        q_stride};
  for (const ScoreTerm<float>* term : plan.terms) term->add(tile, q, score);
  const Mask& mask = slice.source->mask_of(place.head);
  add_biases(mask, slice, tile, score);
  hide(mask, slice, tile, verdict, score);
}

// x[i] = exp(x[i] - shift), and their sum; count is a multiple of 16.
HWY_INLINE float exp_row(float* HWY_RESTRICT x, int64_t count, float shift) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto shifts = hn::Set(d, shift);
  const auto lowest = hn::Set(d, -87.0f);
  auto sum = hn::Zero(d);
  for (int64_t i = 0; i < count; i += lanes) {
    const auto value = hn::Sub(hn::LoadU(d, x + i), shifts);
    const auto power = hn::IfThenElseZero(hn::Ge(value, lowest), hn::Exp(d, hn::Max(value, lowest)));
    sum = hn::Add(sum, power);
    hn::StoreU(power, d, x + i);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

HWY_INLINE float max_row(const float* HWY_RESTRICT x, int64_t count) {
  const hn::ScalableTag<float> d;
  auto top = hn::Set(d, kNothing);
  for (int64_t i = 0; i < count; i += static_cast<int64_t>(hn::Lanes(d))) top = hn::Max(top, hn::LoadU(d, x + i));
  return hn::GetLane(hn::MaxOfLanes(d, top));
}

// factors for one row of a tile, [padded(columns)].
HWY_INLINE const float* dropout_row(const AttentionPlan<float>& plan, const TilePlace& place, const SourceSlice& slice,
                                    int64_t i, float* buffer) {
  const int64_t first = slice.key_start + place.j0, aligned = first / 8 * 8;
  dropout_factors(mix64(plan.dropout.key ^ static_cast<uint64_t>(place.head)), plan.dropout.example[place.sequence],
                  slice.query_start + place.i0 + i, plan.dropout.threshold, plan.dropout.scale, aligned,
                  padded(place.columns) + first - aligned, buffer);
  return buffer + (first - aligned);
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#endif
