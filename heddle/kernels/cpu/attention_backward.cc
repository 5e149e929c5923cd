#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/cpu/attention_backward.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <ranges>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/cpu/attention.h"
#include "heddle/kernels/cpu/attention_tile-inl.h"
#include "heddle/kernels/operation_count.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {

// Working memory of one (query sequence, key head).
struct BackwardState {
  float* weight;   // [kQueryTile, kKeyTile] p, then p with dropout
  float* dscore;   // [kQueryTile, kKeyTile]
  float* slope;    // [kQueryTile, kKeyTile] derivative of the soft cap
  float* factors;  // [kKeyTile + 16]
  float* query;    // [kQueryGroup, padded key width] times the scale
  float* dout;     // [kQueryGroup, padded value width]
  float* dquery;   // [kQueryGroup, padded key width]
  float row_sum[kQueryGroup];
  bool keys_in_place;
  float *key_panels, *value_panels;  // of one source
  float* keys;                       // of one source, padded rows, times the scale
  float *dkeys, *dvalues;            // of one source, padded rows
};

// weight := p·factor and dscore := p·(dp·factor - row_sum)·slope·scale; dscore holds dp before.
HWY_INLINE void score_gradients(const AttentionPlan<float>& plan, const SourceSlice& slice, const TilePlace& place,
                                const float* row_sums, BackwardState& state) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t wide = padded(place.columns);
  for (int64_t i = 0; i < place.rows; ++i) {
    float* p = state.weight + i * wide;
    float* ds = state.dscore + i * wide;
    const float* factors = plan.dropout.active() ? dropout_row(plan, place, slice, i, state.factors) : nullptr;
    const auto row_sum = hn::Set(d, row_sums[i]);
    for (int64_t j = 0; j < wide; j += lanes) {
      const auto weight = hn::LoadU(d, p + j);
      auto dp = hn::LoadU(d, ds + j);
      if (factors) {
        const auto factor = hn::LoadU(d, factors + j);
        dp = hn::Mul(dp, factor);
        hn::StoreU(hn::Mul(weight, factor), d, p + j);
      }
      hn::StoreU(hn::Mul(weight, hn::Sub(dp, row_sum)), d, ds + j);
    }
  }
}

// One tile, the group's rows from `first` on: adds to dquery, dkeys and dvalues. `q` as it was given, for the terms.
HWY_INLINE void backward_tile(const AttentionPlan<float>& plan, const SourceSlice& slice, const TilePlace& place,
                              Mask::Verdict verdict, int64_t first, const float* q, int64_t q_stride,
                              const double* log_sum, int lane, BackwardState& state) {
  const int64_t wide = padded(place.columns), pitch = panel_pitch(slice.length);
  const int64_t key_wide = padded(plan.key_width), value_wide = padded(plan.value_width);
  const float *query = state.query + first * key_wide, *dout = state.dout + first * value_wide;
  float* dquery = state.dquery + first * key_wide;
  float* slope = plan.soft_cap > 0 ? state.slope : nullptr;
  if (state.keys_in_place) {
    row_scores(plan, slice, place, q, q_stride, state.weight, slope);
    std::fill(state.weight + place.columns, state.weight + wide, kNothing);
  } else {
    tile_scores(plan, slice, place, verdict, query, q, q_stride, state.key_panels, state.weight, slope);
  }
  for (int64_t i = 0; i < place.rows; ++i) {
    const double sum = log_sum[i * plan.query_heads];
    const auto shift = static_cast<float>(sum);
    float* row = state.weight + i * wide;
    if (shift == kNothing) std::fill(row, row + wide, 0.0f);
    else exp_row(row, wide, shift, static_cast<float>(sum - static_cast<double>(shift)));
  }
  small_product({place.rows, wide, plan.value_width, dout, value_wide, 1,
                 state.value_panels + place.j0 / kKeyTile * plan.value_width * pitch, pitch, state.dscore, wide});
  score_gradients(plan, slice, place, state.row_sum + first, state);
  small_product({place.columns, value_wide, place.rows, state.weight, 1, wide, dout, value_wide,
                 state.dvalues + place.j0 * value_wide, value_wide, true});
  const ScoreTile tile = {place.sequence,
                          slice.index,
                          place.head,
                          slice.query_start + place.i0,
                          slice.key_start + place.j0,
                          place.rows,
                          place.columns,
                          wide,
                          q_stride,
                          key_wide};
  for (const ScoreTerm<float>* term : std::views::reverse(plan.terms))
    term->backward(tile, q, state.dscore, dquery, lane);
  if (plan.soft_cap > 0)
    for (int64_t x = 0; x < place.rows * wide; ++x) state.dscore[x] *= state.slope[x];
  small_product({place.rows, key_wide, place.columns, state.dscore, wide, 1, state.keys + place.j0 * key_wide, key_wide,
                 dquery, key_wide, true});
  small_product({place.columns, key_wide, place.rows, state.dscore, 1, wide, query, key_wide,
                 state.dkeys + place.j0 * key_wide, key_wide, true});
}

HWY_INLINE void add_rows(int64_t count, int64_t width, const float* from, int64_t from_stride, float* to,
                         int64_t to_stride) {
  for (int64_t r = 0; r < count; ++r)
    for (int64_t c = 0; c < width; ++c) to[r * to_stride + c] += from[r * from_stride + c];
}

// One (query sequence, key head) of a call.
struct BackwardPlace {
  const AttentionPlan<float>& plan;
  const AttentionQueries<float>& queries;
  const AttentionGradients<float>& gradients;
  QueryRows query_rows;
  int key_head, lane;

  int group() const { return plan.query_heads / plan.key_heads; }
  int first_head() const { return key_head * group(); }
};

BackwardState cut_state(const AttentionPlan<float>& plan, int64_t longest, float* memory) {
  const int64_t key_wide = padded(plan.key_width), value_wide = padded(plan.value_width);
  Cutter cut{memory};
  BackwardState state;
  state.weight = cut.take(kQueryTile * kKeyTile);
  state.dscore = cut.take(kQueryTile * kKeyTile);
  state.slope = cut.take(kQueryTile * kKeyTile);
  state.factors = cut.take(kKeyTile + 16);
  state.query = cut.take(kQueryGroup * key_wide);
  state.dout = cut.take(kQueryGroup * value_wide);
  state.dquery = cut.take(kQueryGroup * key_wide);
  state.key_panels = cut.take(panel_size(longest, plan.key_width));
  state.value_panels = cut.take(panel_size(longest, plan.value_width));
  state.keys = cut.take(longest * key_wide);
  state.dkeys = cut.take(longest * key_wide);
  state.dvalues = cut.take(longest * value_wide);
  return state;
}

void clear_query_gradients(const BackwardPlace& at) {
  const int64_t width = at.group() * at.plan.key_width;
  for (int64_t r = at.query_rows.first; r < at.query_rows.first + at.query_rows.count; ++r)
    std::fill_n(at.gradients.dq + r * at.gradients.dq_stride + at.first_head() * at.plan.key_width, width, 0.0f);
}

// A source's keys and values as the tiles read them; its gradients begin at nothing.
void load_source(const BackwardPlace& at, const SourceSlice& slice, BackwardState& state) {
  const AttentionPlan<float>& plan = at.plan;
  const auto key_of = [&](int64_t j) { return slice.key(j, plan.key_width); };
  const auto value_of = [&](int64_t j) { return slice.value(j, plan.value_width); };
  if (!state.keys_in_place) pack_panels(slice.length, plan.key_width, key_of, state.key_panels);
  pack_panels(slice.length, plan.value_width, value_of, state.value_panels);
  pack_rows(slice.length, plan.key_width, plan.scale, key_of, state.keys);
  std::fill_n(state.dkeys, slice.length * padded(plan.key_width), 0.0f);
  std::fill_n(state.dvalues, slice.length * padded(plan.value_width), 0.0f);
}

// The queries [i0, i0 + count) of one head over a source's keys; returns the pairs that the tiles hold.
int64_t backward_group(const BackwardPlace& at, const SourceSlice& slice, int head, int64_t i0, int64_t count,
                       BackwardState& state) {
  const AttentionPlan<float>& plan = at.plan;
  const AttentionGradients<float>& gradients = at.gradients;
  const int64_t first_row = at.query_rows.first, row0 = first_row + i0, stride = at.queries.stride;
  const float* q = at.queries.q + row0 * stride + head * plan.key_width;
  const auto dout_of = [&](int64_t i) {
    return gradients.dout + (row0 + i) * gradients.dout_stride + head * plan.value_width;
  };
  pack_rows(
      count, plan.key_width, plan.scale, [&](int64_t i) { return q + i * stride; }, state.query);
  pack_rows(count, plan.value_width, 1.0f, dout_of, state.dout);
  for (int64_t i = 0; i < count; ++i)
    state.row_sum[i] = dot_row(gradients.out + (row0 + i) * gradients.out_stride + head * plan.value_width, dout_of(i),
                               plan.value_width);
  std::fill_n(state.dquery, count * padded(plan.key_width), 0.0f);
  int64_t pairs = 0;
  for_each_tile(slice, slice.source->mask_of(head), i0, count, Walk::forth,
                [&](int64_t i, int64_t tile_rows, int64_t j0, int64_t columns, Mask::Verdict verdict) HWY_ATTR {
    backward_tile(plan, slice, {at.query_rows.sequence, head, i, tile_rows, j0, columns}, verdict, i - i0,
                  q + (i - i0) * stride, stride, gradients.log_sum + (first_row + i) * plan.query_heads + head, at.lane,
                  state);
    pairs += tile_rows * columns;
  });
  add_rows(count, plan.key_width, state.dquery, padded(plan.key_width),
           gradients.dq + row0 * gradients.dq_stride + head * plan.key_width, gradients.dq_stride);
  return pairs;
}

// What all heads of the group found goes to the source's own gradients.
void deliver_source(const BackwardPlace& at, const SourceSlice& slice, const KeyGradients<float>& target,
                    const BackwardState& state) {
  const int64_t key_width = at.plan.key_width, value_width = at.plan.value_width;
  for (int64_t j = 0; j < slice.length; ++j) {
    const int64_t row = slice.source->row(slice.key_sequence, j);
    add_rows(1, key_width, state.dkeys + j * padded(key_width), 0,
             target.dkeys + row * target.key_stride + at.key_head * key_width, 0);
    add_rows(1, value_width, state.dvalues + j * padded(value_width), 0,
             target.dvalues + row * target.value_stride + at.key_head * value_width, 0);
  }
}

void BackwardSlice(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
                   std::span<const KeySource<float>> sources, const AttentionGradients<float>& gradients,
                   int64_t sequence, int key_head, int lane, int64_t longest, float* memory) {
  const BackwardPlace at = {plan, queries, gradients, QueryRows(queries, sequence), key_head, lane};
  const int64_t rows = at.query_rows.count;
  BackwardState state = cut_state(plan, longest, memory);
  state.keys_in_place = reads_keys_in_place(plan, rows);
  clear_query_gradients(at);
  int64_t pairs = 0;
  for (size_t s = 0; s < sources.size(); ++s) {
    const SourceSlice slice(sources, s, at.query_rows, key_head);
    if (slice.length == 0) continue;
    load_source(at, slice, state);
    for (int head = at.first_head(); head < at.first_head() + at.group(); ++head)
      for (int64_t i0 = 0; i0 < rows; i0 += kQueryGroup)
        pairs += backward_group(at, slice, head, i0, std::min(kQueryGroup, rows - i0), state);
    deliver_source(at, slice, gradients.sources[s], state);
  }
  // The scores again and dq, dk; dp and dv.
  count_operations(Operation::attention, 2 * (3 * plan.key_width + 2 * plan.value_width) * pairs);
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(BackwardSlice);

namespace cpu {

void attention_backward(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
                        std::span<const KeySource<float>> sources, const AttentionGradients<float>& gradients,
                        AttentionScratch& scratch) {
  const int64_t sequences = queries.offsets.empty() ? 0 : std::ssize(queries.offsets) - 1;
  int64_t longest = 0;
  bool shared_keys = false;
  for (const KeySource<float>& source : sources) {
    for (int32_t length : source.length) longest = std::max(longest, int64_t{length});
    shared_keys |= !source.of_query.empty();
  }
  constexpr int64_t kPieces = 12;
  const int64_t key_wide = padded(plan.key_width), value_wide = padded(plan.value_width);
  const int64_t tiles = 3 * kQueryTile * kKeyTile + kKeyTile + 16 + kQueryGroup * (2 * key_wide + value_wide);
  const int64_t panels = (plan.key_width + plan.value_width) * (padded(longest) + kKeyTile);
  const int64_t elements = tiles + panels + longest * (2 * key_wide + value_wide) + 16 * kPieces;
  scratch.prepare(thread_count());
  // Query sequences that share keys add to the same rows: then one thread takes a whole key head.
  const int64_t inner = shared_keys ? sequences : 1;
  parallel_for(sequences * plan.key_heads / std::max<int64_t>(inner, 1), 1, [&](int64_t begin, int64_t end, int lane) {
    float* memory = scratch.take<float>(lane, elements);
    for (int64_t unit = begin; unit < end; ++unit)
      for (int64_t i = 0; i < inner; ++i) {
        const int64_t sequence = shared_keys ? i : unit / plan.key_heads;
        const int key_head = static_cast<int>(shared_keys ? unit : unit % plan.key_heads);
        HWY_DYNAMIC_DISPATCH(BackwardSlice)
        (plan, queries, sources, gradients, sequence, key_head, lane, longest, memory);
      }
  });
}

}  // namespace cpu
}  // namespace heddle::kernels
#endif
