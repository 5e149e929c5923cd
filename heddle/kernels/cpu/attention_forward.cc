#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/cpu/attention_forward.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/cpu/attention.h"
#include "heddle/kernels/cpu/attention_tile-inl.h"
#include "heddle/kernels/operation_count.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {

// Working memory of a group of query tiles: running maximum and sum, the scores of one tile, the unnormalised output.
struct GroupState {
  float top[kQueryGroup], sum[kQueryGroup];
  float* score;    // [kQueryTile, kKeyTile]
  float* mixed;    // [kQueryGroup, padded value width]
  float* query;    // [kQueryGroup, padded key width] times the scale
  float* factors;  // [kKeyTile + 16]
};

// Brings the running softmax of every row of a tile, the group's rows from `first` on, up to date with its scores,
// which become weights.
HWY_INLINE void absorb_scores(const AttentionPlan<float>& plan, const SourceSlice& slice, const TilePlace& place,
                              int64_t first, GroupState& state, int64_t value_pitch) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t wide = padded(place.columns);
  for (int64_t i = 0; i < place.rows; ++i) {
    float* row = state.score + i * wide;
    float &running_top = state.top[first + i], &running_sum = state.sum[first + i];
    const float top = std::max(running_top, max_row(row, wide));
    if (top == kNothing) {
      std::fill(row, row + wide, 0.0f);
      continue;
    }
    if (top > running_top) {
      const float shrink = running_top == kNothing ? 0.0f : std::exp(running_top - top);
      const auto factor = hn::Set(d, shrink);
      float* mixed = state.mixed + (first + i) * value_pitch;
      for (int64_t c = 0; c < value_pitch; c += lanes)
        hn::StoreU(hn::Mul(factor, hn::LoadU(d, mixed + c)), d, mixed + c);
      running_sum *= shrink;
      running_top = top;
    }
    running_sum += exp_row(row, wide, top);
    if (plan.dropout.active()) {
      const float* factors = dropout_row(plan, place, slice, i, state.factors);
      for (int64_t j = 0; j < wide; j += lanes)
        hn::StoreU(hn::Mul(hn::LoadU(d, row + j), hn::LoadU(d, factors + j)), d, row + j);
    }
  }
}

// top + log(sum) of scores of which `top` is the greatest and `sum` that of exp(score - top).
HWY_INLINE double log_sum_of(float top, float sum) {
  if (!(sum > 0)) return -std::numeric_limits<double>::infinity();
  return static_cast<double>(top) + std::log(static_cast<double>(sum));
}

// visit(slice, keys, values) for each source: where it is packed, one after the other from `packed` on.
template <class Visit>
HWY_INLINE void for_each_source(const AttentionPlan<float>& plan, std::span<const KeySource<float>> sources,
                                const QueryRows& query_rows, int key_head, float* packed, Visit&& visit) {
  for (size_t s = 0; s < sources.size(); ++s) {
    const SourceSlice slice(sources, s, query_rows, key_head);
    float* values = packed + panel_size(slice.length, plan.key_width);
    visit(slice, packed, values);
    packed = values + slice.length * padded(plan.value_width);
  }
}

// All query heads of one key head of one query sequence.
void ForwardSlice(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
                  std::span<const KeySource<float>> sources, int64_t sequence, int key_head, float* out,
                  int64_t out_stride, double* log_sum, float* memory) {
  const QueryRows query_rows(queries, sequence);
  const int64_t first_row = query_rows.first, rows = query_rows.count;
  const int64_t key_pitch = padded(plan.key_width), value_pitch = padded(plan.value_width);
  Cutter cut{memory};
  GroupState state;
  state.score = cut.take(kQueryTile * kKeyTile);
  state.mixed = cut.take(kQueryGroup * value_pitch);
  state.query = cut.take(kQueryGroup * key_pitch);
  state.factors = cut.take(kKeyTile + 16);
  const int group = plan.query_heads / plan.key_heads;
  int64_t pairs = 0;
  if (rows == 0) return;
  for_each_source(plan, sources, query_rows, key_head, cut.next,
                  [&](const SourceSlice& slice, float* keys, float* values) HWY_ATTR {
    pack_panels(
        slice.length, plan.key_width, [&](int64_t j) { return slice.key(j, plan.key_width); }, keys);
    pack_rows(
        slice.length, plan.value_width, 1.0f, [&](int64_t j) { return slice.value(j, plan.value_width); }, values);
  });
  for (int head = key_head * group; head < (key_head + 1) * group; ++head)
    for (int64_t i0 = 0; i0 < rows; i0 += kQueryGroup) {
      const int64_t count = std::min(kQueryGroup, rows - i0);
      std::fill_n(state.top, count, kNothing);
      std::fill_n(state.sum, count, 0.0f);
      std::fill_n(state.mixed, count * value_pitch, 0.0f);
      const float* q = queries.q + (first_row + i0) * queries.stride + head * plan.key_width;
      pack_rows(
          count, plan.key_width, plan.scale, [&](int64_t i) { return q + i * queries.stride; }, state.query);
      for_each_source(plan, sources, query_rows, key_head, cut.next,
                      [&](const SourceSlice& slice, const float* keys, const float* values) HWY_ATTR {
        for_each_tile(slice, slice.source->mask_of(head), i0, count, Walk::back,
                      [&](int64_t i, int64_t tile_rows, int64_t j0, int64_t columns, Mask::Verdict verdict) HWY_ATTR {
          const TilePlace place = {sequence, head, i, tile_rows, j0, columns};
          const int64_t first = i - i0;
          tile_scores(plan, slice, place, verdict, state.query + first * key_pitch, q + first * queries.stride,
                      queries.stride, keys, state.score, nullptr);
          absorb_scores(plan, slice, place, first, state, value_pitch);
          pairs += tile_rows * columns;
          small_product({tile_rows, value_pitch, columns, state.score, padded(columns), 1, values + j0 * value_pitch,
                         value_pitch, state.mixed + first * value_pitch, value_pitch, true});
        });
      });
      for (int64_t i = 0; i < count; ++i) {
        const int64_t row = first_row + i0 + i;
        const float scale = state.sum[i] > 0 ? 1.0f / state.sum[i] : 0.0f;
        float* result = out + row * out_stride + head * plan.value_width;
        for (int64_t c = 0; c < plan.value_width; ++c) result[c] = state.mixed[i * value_pitch + c] * scale;
        log_sum[row * plan.query_heads + head] = log_sum_of(state.top[i], state.sum[i]);
      }
    }
  count_operations(Operation::attention, 2 * (plan.key_width + plan.value_width) * pairs);
}

// result += Σ_j weight_j·v_j, the sums of four vectors at a time kept in registers.
HWY_INLINE void mix_values(const AttentionPlan<float>& plan, const SourceSlice& slice, const float* HWY_RESTRICT weight,
                           float* HWY_RESTRICT result) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + 4 * lanes <= plan.value_width; c += 4 * lanes) {
    auto r0 = hn::LoadU(d, result + c), r1 = hn::LoadU(d, result + c + lanes);
    auto r2 = hn::LoadU(d, result + c + 2 * lanes), r3 = hn::LoadU(d, result + c + 3 * lanes);
    for (int64_t j = 0; j < slice.length; ++j) {
      const float* v = slice.value(j, plan.value_width) + c;
      const auto p = hn::Set(d, weight[j]);
      r0 = hn::MulAdd(p, hn::LoadU(d, v), r0);
      r1 = hn::MulAdd(p, hn::LoadU(d, v + lanes), r1);
      r2 = hn::MulAdd(p, hn::LoadU(d, v + 2 * lanes), r2);
      r3 = hn::MulAdd(p, hn::LoadU(d, v + 3 * lanes), r3);
    }
    hn::StoreU(r0, d, result + c);
    hn::StoreU(r1, d, result + c + lanes);
    hn::StoreU(r2, d, result + c + 2 * lanes);
    hn::StoreU(r3, d, result + c + 3 * lanes);
  }
  for (; c + lanes <= plan.value_width; c += lanes) {
    auto r = hn::LoadU(d, result + c);
    for (int64_t j = 0; j < slice.length; ++j)
      r = hn::MulAdd(hn::Set(d, weight[j]), hn::LoadU(d, slice.value(j, plan.value_width) + c), r);
    hn::StoreU(r, d, result + c);
  }
  for (; c < plan.value_width; ++c)
    for (int64_t j = 0; j < slice.length; ++j) result[c] += weight[j] * slice.value(j, plan.value_width)[c];
}

// A single query row (decoding): dot products straight over the keys, nothing is packed.
void ForwardRow(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
                std::span<const KeySource<float>> sources, int64_t sequence, int head, float* out, int64_t out_stride,
                double* log_sum, float* score) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const QueryRows query_rows(queries, sequence);
  const int64_t row = query_rows.first;
  const int key_head = head / (plan.query_heads / plan.key_heads);
  const float* q = queries.q + row * queries.stride + head * plan.key_width;
  int64_t count = 0, pairs = 0;
  for (size_t s = 0; s < sources.size(); ++s) {
    const SourceSlice slice(sources, s, query_rows, key_head);
    pairs +=
        row_scores(plan, slice, {sequence, head, 0, 1, 0, slice.length}, q, queries.stride, score + count, nullptr);
    count += slice.length;
  }
  count_operations(Operation::attention, 2 * (plan.key_width + plan.value_width) * pairs);
  const int64_t wide = padded(count);
  std::fill(score + count, score + wide, kNothing);
  const float top = max_row(score, wide);
  const float sum = top == kNothing ? 0.0f : exp_row(score, wide, top);
  float* result = out + row * out_stride + head * plan.value_width;
  std::fill_n(result, plan.value_width, 0.0f);
  log_sum[row * plan.query_heads + head] = log_sum_of(top, sum);
  if (sum == 0) return;
  const auto share = hn::Set(d, 1 / sum);
  for (int64_t j = 0; j < wide; j += lanes) hn::StoreU(hn::Mul(share, hn::LoadU(d, score + j)), d, score + j);
  count = 0;
  for (size_t s = 0; s < sources.size(); ++s) {
    const SourceSlice slice(sources, s, query_rows, key_head);
    mix_values(plan, slice, score + count, result);
    count += slice.length;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(ForwardSlice);
HWY_EXPORT(ForwardRow);

namespace cpu {

void attention(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
               std::span<const KeySource<float>> sources, float* out, int64_t out_stride, double* log_sum,
               AttentionScratch& scratch) {
  const int64_t sequences = queries.offsets.empty() ? 0 : std::ssize(queries.offsets) - 1;
  constexpr int64_t kPieces = 4;
  const int64_t widths = padded(plan.key_width) + padded(plan.value_width);
  const int64_t tiles = kQueryTile * kKeyTile + kKeyTile + 16 + kQueryGroup * widths;
  int64_t longest_total = 0, packed = 0;
  for (const KeySource<float>& source : sources) {
    int64_t length = 0;
    for (int32_t l : source.length) length = std::max(length, int64_t{l});
    longest_total += length;
    packed += plan.key_width * (padded(length) + kKeyTile) + padded(plan.value_width) * length;
  }
  const int64_t elements = std::max(tiles + packed, padded(longest_total)) + 16 * kPieces;
  scratch.prepare(thread_count());
  parallel_for(sequences * plan.key_heads, 1, [&](int64_t begin, int64_t end, int lane) {
    float* memory = scratch.take<float>(lane, elements);
    const int group = plan.query_heads / plan.key_heads;
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t sequence = unit / plan.key_heads;
      const int key_head = static_cast<int>(unit % plan.key_heads);
      const auto at = static_cast<size_t>(sequence);
      const int rows = queries.offsets[at + 1] - queries.offsets[at];
      if (rows == 1 && !plan.dropout.active())
        for (int head = key_head * group; head < (key_head + 1) * group; ++head) HWY_DYNAMIC_DISPATCH(ForwardRow)
      (plan, queries, sources, sequence, head, out, out_stride, log_sum, memory);
      else HWY_DYNAMIC_DISPATCH(ForwardSlice)(plan, queries, sources, sequence, key_head, out, out_stride, log_sum,
                                              memory);
    }
  });
}

}  // namespace cpu
}  // namespace heddle::kernels
#endif
