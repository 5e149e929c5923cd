#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/cpu/linear_attention_forward.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/cpu/linear_attention-inl.h"
#include "heddle/kernels/cpu/linear_attention.h"
#include "heddle/kernels/operation_count.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {

struct LinearForwardMemory {
  float *state, *values, *keys_transposed, *score, *mixed;
};

// state [features, pitch] += φ(k)ᵀ·[v, 1] over a chunk of keys.
HWY_INLINE void add_chunk(const LinearSlice& slice, int64_t begin, int64_t count, const float* values, float* state) {
  small_product({slice.call.features, slice.pitch, count, slice.k(begin), 1, slice.call.k_stride, values, slice.pitch,
                 state, slice.pitch, true});
}

HWY_INLINE void store_chunk(const LinearSlice& slice, int64_t begin, int64_t count, int head, const float* mixed,
                            float* out, int64_t out_stride, float* sum) {
  const int64_t width = slice.call.value_width;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t row = slice.first_row + begin + i;
    const float total = mixed[i * slice.pitch + width], share = total > 0 ? 1 / total : 0.0f;
    float* result = out + row * out_stride + head * width;
    for (int64_t c = 0; c < width; ++c) result[c] = mixed[i * slice.pitch + c] * share;
    sum[row * slice.call.query_heads + head] = total;
  }
}

void LinearForward(const LinearAttention<float>& call, int64_t sequence, int key_head, float* out, int64_t out_stride,
                   float* sum, float* memory) {
  const LinearSlice slice(call, sequence, key_head);
  const int64_t pitch = slice.pitch;
  Cutter cut{memory};
  const LinearForwardMemory m = {cut.take(call.features * pitch), cut.take(kChunk * pitch),
                                 cut.take(call.features * kChunk), cut.take(kChunk * kChunk), cut.take(kChunk * pitch)};
  std::fill_n(m.state, call.features * pitch, 0.0f);
  int64_t multiplied = 0;
  const auto absorb = [&](int64_t begin, int64_t count) {
    add_chunk(slice, begin, count, m.values, m.state);
    multiplied += count * call.features * (call.value_width + 1);
  };
  for (int64_t begin = 0; begin < slice.keys && !call.causal; begin += kChunk) {
    const int64_t count = slice.keys_in_chunk(begin);
    slice.pack_values(begin, count, m.values);
    absorb(begin, count);
  }
  for (int64_t begin = 0; begin < slice.rows; begin += kChunk) {
    const int64_t count = std::min(kChunk, slice.rows - begin), keys = call.causal ? slice.keys_in_chunk(begin) : 0;
    const bool past = !call.causal || begin > 0;
    const int64_t wide = padded(keys);
    if (keys > 0) {
      slice.pack_values(begin, keys, m.values);
      pack_transposed(
          keys, call.features, wide, [&](int64_t j) { return slice.k(begin + j); }, m.keys_transposed);
    }
    for (int head = key_head * slice.group; head < (key_head + 1) * slice.group; ++head) {
      const float* q = slice.q(begin, head);
      if (past) {
        small_product({count, pitch, call.features, q, call.q_stride, 1, m.state, pitch, m.mixed, pitch});
        multiplied += count * call.features * (call.value_width + 1);
      } else {
        std::fill_n(m.mixed, count * pitch, 0.0f);
      }
      if (keys > 0) {
        small_product({count, wide, call.features, q, call.q_stride, 1, m.keys_transposed, wide, m.score, wide});
        keep_lower(count, wide, m.score);
        small_product({count, pitch, keys, m.score, wide, 1, m.values, pitch, m.mixed, pitch, true});
        multiplied += count * keys * (call.features + call.value_width);
      }
      store_chunk(slice, begin, count, head, m.mixed, out, out_stride, sum);
    }
    if (keys > 0 && begin + kChunk < slice.rows) absorb(begin, keys);
  }
  count_operations(Operation::attention, 2 * multiplied);
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(LinearForward);

namespace cpu {

void linear_attention(const LinearAttention<float>& call, float* out, int64_t out_stride, float* sum,
                      AttentionScratch& scratch) {
  const auto pad = [](int64_t count) { return (count + 15) / 16 * 16; };
  constexpr int64_t kRows = 64, kPieces = 5;
  const int64_t pitch = pad(call.value_width + 1);
  const int64_t elements = call.features * (pitch + kRows) + kRows * (2 * pitch + kRows) + 16 * kPieces;
  scratch.prepare(thread_count());
  parallel_for(call.sequences() * call.key_heads, 1, [&](int64_t begin, int64_t end, int lane) {
    float* memory = scratch.take<float>(lane, elements);
    for (int64_t unit = begin; unit < end; ++unit) HWY_DYNAMIC_DISPATCH(LinearForward)
    (call, unit / call.key_heads, static_cast<int>(unit % call.key_heads), out, out_stride, sum, memory);
  });
}

}  // namespace cpu
}  // namespace heddle::kernels
#endif
