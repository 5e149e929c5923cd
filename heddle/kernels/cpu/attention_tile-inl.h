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
#include "heddle/kernels/attention_tile_size.h"
#include "heddle/kernels/cpu/small_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr float kNothing = -std::numeric_limits<float>::infinity();

// Cuts the caller's memory into pieces of whole vectors.
struct Cutter {
  float* next;
  float* take(int64_t count) {
    float* piece = next;
    next += padded(count);
    return piece;
  }
};

// Copies rows of vectors, times a factor, one after another and padded to whole vectors.
template <class RowOf>
HWY_INLINE void pack_rows(int64_t count, int64_t width, float factor, RowOf&& row_of, float* HWY_RESTRICT packed) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t wide = padded(width);
  const auto times = hn::Set(d, factor);
  for (int64_t j = 0; j < count; ++j) {
    const float* HWY_RESTRICT row = row_of(j);
    float* HWY_RESTRICT to = packed + j * wide;
    int64_t c = 0;
    for (; c + lanes <= width; c += lanes) hn::StoreU(hn::Mul(times, hn::LoadU(d, row + c)), d, to + c);
    for (; c < width; ++c) to[c] = factor * row[c];
    for (; c < wide; ++c) to[c] = 0;
  }
}

// Numbers between the rows of a panel of keys.
HWY_INLINE int64_t panel_pitch(int64_t length) { return std::min(kKeyTile, padded(length)); }
// Numbers of the panels of `length` rows.
HWY_INLINE int64_t panel_size(int64_t length, int64_t width) {
  return (length + kKeyTile - 1) / kKeyTile * width * panel_pitch(length);
}

// Four rows become the four columns that begin at `to`.
HWY_INLINE void transpose_four(const float* r0, const float* r1, const float* r2, const float* r3, int64_t pitch,
                               float* to) {
  const hn::FixedTag<float, 4> d;
  const auto a = hn::LoadU(d, r0), b = hn::LoadU(d, r1), c = hn::LoadU(d, r2), e = hn::LoadU(d, r3);
  const auto low_ab = hn::InterleaveLower(d, a, b), high_ab = hn::InterleaveUpper(d, a, b);
  const auto low_ce = hn::InterleaveLower(d, c, e), high_ce = hn::InterleaveUpper(d, c, e);
  hn::StoreU(hn::ConcatLowerLower(d, low_ce, low_ab), d, to);
  hn::StoreU(hn::ConcatUpperUpper(d, low_ce, low_ab), d, to + pitch);
  hn::StoreU(hn::ConcatLowerLower(d, high_ce, high_ab), d, to + 2 * pitch);
  hn::StoreU(hn::ConcatUpperUpper(d, high_ce, high_ab), d, to + 3 * pitch);
}

// Rows as columns, [width][pitch], zero in the padding.
template <class RowOf>
HWY_INLINE void pack_transposed(int64_t count, int64_t width, int64_t pitch, RowOf&& row_of, float* packed) {
  int64_t j = 0;
  for (; j + 4 <= count; j += 4) {
    const float *r0 = row_of(j), *r1 = row_of(j + 1), *r2 = row_of(j + 2), *r3 = row_of(j + 3);
    int64_t c = 0;
    for (; c + 4 <= width; c += 4) transpose_four(r0 + c, r1 + c, r2 + c, r3 + c, pitch, packed + c * pitch + j);
    for (; c < width; ++c) {
      float* to = packed + c * pitch + j;
      to[0] = r0[c], to[1] = r1[c], to[2] = r2[c], to[3] = r3[c];
    }
  }
  for (; j < count; ++j) {
    const float* row = row_of(j);
    for (int64_t c = 0; c < width; ++c) packed[c * pitch + j] = row[c];
  }
  for (int64_t c = 0; c < width && count < pitch; ++c)
    std::fill(packed + c * pitch + count, packed + (c + 1) * pitch, 0.0f);
}

// A panel of transposed rows for each tile of keys: the rows of a panel lie side by side, where those of a long matrix
// would push each other out of the cache.
template <class RowOf>
HWY_INLINE void pack_panels(int64_t length, int64_t width, RowOf&& row_of, float* packed) {
  const int64_t pitch = panel_pitch(length);
  for (int64_t j0 = 0; j0 < length; j0 += kKeyTile, packed += width * pitch)
    pack_transposed(
        std::min(kKeyTile, length - j0), width, pitch, [&](int64_t j) { return row_of(j0 + j); }, packed);
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

enum class Walk { forth, back };  // by ascending or descending keys

// Calls visit(first query, number of queries, first key, number of keys, verdict) for every tile that any of the
// queries [i0, i0 + rows) may see; without the first and last queries of a tile that see none of it.
// Ranges of keys are judged before their halves: what is far out of sight costs no question a tile.
template <class Visit>
HWY_INLINE void for_each_tile(const SourceSlice& slice, const Mask& mask, int64_t i0, int64_t rows, Walk walk,
                              Visit&& visit) {
  const auto judge = [&](int64_t query, int64_t count, int64_t begin, int64_t end) {
    return mask.verdict(slice.query_start + query, slice.query_start + query + count, slice.key_start + begin,
                        slice.key_start + end, slice.facts);
  };
  const auto visit_queries = [&](int64_t j0, int64_t columns, Mask::Verdict of_group) HWY_ATTR {
    for (int64_t i = i0; i < i0 + rows; i += kQueryTile) {
      const int64_t count = std::min(kQueryTile, i0 + rows - i);
      const bool known = of_group == Mask::Verdict::all || rows <= kQueryTile;
      const auto verdict = known ? of_group : judge(i, count, j0, j0 + columns);
      if (verdict == Mask::Verdict::none) continue;
      int64_t first = i, last = i + count;
      if (verdict == Mask::Verdict::mixed) {
        const auto nothing = [&](int64_t query) {
          return judge(query, kQueryStep, j0, j0 + columns) == Mask::Verdict::none;
        };
        while (last - first > kQueryStep && nothing(first)) first += kQueryStep;
        while (last - first > kQueryStep && nothing(last - kQueryStep)) last -= kQueryStep;
      }
      visit(first, last - first, j0, columns, verdict);
    }
  };
  struct Range {
    int64_t begin, end;  // tiles
  };
  std::array<Range, 64> waiting;  // one for each halving at most
  size_t count = 0;
  if (rows > 0 && slice.length > 0) waiting[count++] = {0, (slice.length + kKeyTile - 1) / kKeyTile};
  while (count > 0) {
    const auto [begin, end] = waiting[--count];
    const int64_t first = begin * kKeyTile, last = std::min(end * kKeyTile, slice.length);
    const auto verdict = judge(i0, rows, first, last);
    if (verdict == Mask::Verdict::none) continue;
    if (verdict == Mask::Verdict::all || end - begin == 1) {
      for (int64_t step = 0; step < end - begin; ++step) {
        const int64_t j0 = (walk == Walk::forth ? begin + step : end - 1 - step) * kKeyTile;
        visit_queries(j0, std::min(kKeyTile, last - j0), verdict);
      }
      continue;
    }
    const int64_t middle = begin + (end - begin) / 2;
    const Range halves[] = {{begin, middle}, {middle, end}};
    const int next = walk == Walk::forth ? 0 : 1;
    waiting[count++] = halves[1 - next];
    waiting[count++] = halves[next];
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

// score := cap·tanh(score / cap), of what is hidden nothing; `slope`: null, or receives the derivative.
HWY_INLINE void cap_scores(float cap, int64_t count, float* score, float* slope) {
  for (int64_t x = 0; x < count; ++x) {
    const float t = std::tanh(score[x] / cap);
    if (score[x] != kNothing) score[x] = cap * t;
    if (slope) slope[x] = 1 - t * t;
  }
}

// score [rows, padded(columns)] = cap(scale·q·kᵀ) + terms + biases, -infinity where a mask or the padding
// forbids. `scaled`: rows of scale·q one after another; `q`: q itself, which terms read. `slope`: null, or receives
// the soft cap's derivative.
HWY_INLINE void tile_scores(const AttentionPlan<float>& plan, const SourceSlice& slice, const TilePlace& place,
                            Mask::Verdict verdict, const float* scaled, const float* q, int64_t q_stride,
                            const float* key_panels, float* score, float* slope) {
  const int64_t wide = padded(place.columns), pitch = panel_pitch(slice.length);
  small_product({place.rows, wide, plan.key_width, scaled, padded(plan.key_width), 1,
                 key_panels + place.j0 / kKeyTile * plan.key_width * pitch, pitch, score, wide});
  if (plan.soft_cap > 0) cap_scores(plan.soft_cap, place.rows * wide, score, slope);
  const ScoreTile tile = {
      place.sequence, slice.index, place.head, slice.query_start + place.i0, slice.key_start + place.j0, place.rows,
      place.columns,  wide,        q_stride};
  for (const ScoreTerm<float>* term : plan.terms) term->add(tile, q, score);
  const Mask& mask = slice.source->mask_of(place.head);
  add_biases(mask, slice, tile, score);
  hide(mask, slice, tile, verdict, score);
}

HWY_INLINE float dot_row(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, int64_t count) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto sum = hn::Zero(d);
  int64_t c = 0;
  for (; c + lanes <= count; c += lanes) sum = hn::MulAdd(hn::LoadU(d, a + c), hn::LoadU(d, b + c), sum);
  float dot = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; c < count; ++c) dot += a[c] * b[c];
  return dot;
}

// As tile_scores() of one query row, by dot products straight over the keys: nothing is packed. Its sums run in another
// order, by which scores of thousands differ visibly, so both passes must take the same of the two:
// reads_keys_in_place().
HWY_INLINE int64_t row_scores(const AttentionPlan<float>& plan, const SourceSlice& slice, const TilePlace& place,
                              const float* HWY_RESTRICT q, int64_t q_stride, float* HWY_RESTRICT score, float* slope) {
  const Mask& mask = slice.source->mask_of(place.head);
  const ScoreTile tile = {
      place.sequence, slice.index,   place.head, slice.query_start + place.i0, slice.key_start + place.j0, 1,
      place.columns,  place.columns, q_stride};
  int64_t pairs = 0;
  uint64_t seen = 0;
  for (int64_t j = 0; j < place.columns; ++j, seen >>= 1) {
    if (j % 64 == 0)
      seen = mask.visible(tile.query, tile.key + j, std::min<int64_t>(64, place.columns - j), slice.facts);
    if (!(seen & 1)) {
      score[j] = kNothing;
      continue;
    }
    ++pairs;
    score[j] = plan.scale * dot_row(q, slice.key(place.j0 + j, plan.key_width), plan.key_width);
  }
  if (plan.soft_cap > 0) cap_scores(plan.soft_cap, place.columns, score, slope);
  if (place.columns == 0) return 0;
  for (const ScoreTerm<float>* term : plan.terms) term->add(tile, q, score);
  add_biases(mask, slice, tile, score);
  return pairs;
}

// Whether a query sequence of `rows` is scored by row_scores(): dropout's forward pass knows tiles only.
HWY_INLINE bool reads_keys_in_place(const AttentionPlan<float>& plan, int64_t rows) {
  return rows == 1 && !plan.dropout.active();
}

// x[i] = exp(x[i] - shift - rest_of_shift), and their sum; count is a multiple of 16. Good to 2e-7 of the result down
// to 1e-38; below it is less, and from 2^-127 on zero. `rest_of_shift`: what rounding took from it.
HWY_INLINE float exp_row(float* HWY_RESTRICT x, int64_t count, float shift, float rest_of_shift = 0) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  // 2^t for t = whole + rest, |rest| <= 1/2: a polynomial of the rest, and the exponent moved by the whole, which
  // stands in the last bits of t + 1.5·2^23. At t = -127 the polynomial's exponent is all that there is: zero is left.
  const auto log2_e = hn::Set(d, 1.44269504f), shifts = hn::Set(d, shift);
  const auto rests = hn::Set(d, -1.44269504f * rest_of_shift);
  const auto lowest = hn::Set(d, -127.0f), one = hn::Set(d, 1.0f), to_whole = hn::Set(d, 12582912.0f);
  const auto c1 = hn::Set(d, 0.693146978f), c2 = hn::Set(d, 0.240222421f), c3 = hn::Set(d, 0.0555073374f),
             c4 = hn::Set(d, 0.00967151281f), c5 = hn::Set(d, 0.00132647272f);
  auto sum = hn::Zero(d);
  for (int64_t i = 0; i < count; i += lanes) {
    const auto t = hn::Max(hn::MulAdd(hn::Sub(hn::LoadU(d, x + i), shifts), log2_e, rests), lowest);
    const auto moved = hn::Add(t, to_whole);
    const auto rest = hn::Sub(t, hn::Sub(moved, to_whole));
    auto value = hn::MulAdd(c5, rest, c4);
    value = hn::MulAdd(value, rest, c3);
    value = hn::MulAdd(value, rest, c2);
    value = hn::MulAdd(value, rest, c1);
    value = hn::MulAdd(value, rest, one);
    value = hn::BitCast(d, hn::Add(hn::BitCast(di, value), hn::ShiftLeft<23>(hn::BitCast(di, moved))));
    sum = hn::Add(sum, value);
    hn::StoreU(value, d, x + i);
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
