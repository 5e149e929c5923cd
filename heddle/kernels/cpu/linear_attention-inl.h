// What the forward and the backward pass of linear attention share: where a (sequence, key head) lies, and the packing
// of a chunk of its rows. Values carry a column of ones, so that z is one more column of the state.

#if defined(HEDDLE_LINEAR_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef HEDDLE_LINEAR_ATTENTION_INL_H
#undef HEDDLE_LINEAR_ATTENTION_INL_H
#else
#define HEDDLE_LINEAR_ATTENTION_INL_H
#endif

#include "heddle/kernels/cpu/attention_tile-inl.h"
#include "heddle/kernels/linear_attention.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {

constexpr int64_t kChunk = 64;

struct LinearSlice {
  const LinearAttention<float>& call;
  int64_t first_row, rows, first_key, keys;
  int key_head, group;
  int64_t pitch, feature_pitch;  // of rows [v, 1] and of features, in whole vectors

  LinearSlice(const LinearAttention<float>& c, int64_t sequence, int head)
      : call(c),
        first_row(c.query_offsets[static_cast<size_t>(sequence)]),
        rows(c.query_offsets[static_cast<size_t>(sequence) + 1] - first_row),
        first_key(c.key_begin[static_cast<size_t>(sequence)]),
        keys(c.key_length[static_cast<size_t>(sequence)]),
        key_head(head),
        group(c.query_heads / c.key_heads),
        pitch(padded(c.value_width + 1)),
        feature_pitch(padded(c.features)) {}

  const float* q(int64_t i, int head) const { return call.q + (first_row + i) * call.q_stride + head * call.features; }
  const float* k(int64_t j) const { return call.k + (first_key + j) * call.k_stride + key_head * call.features; }
  const float* v(int64_t j) const { return call.v + (first_key + j) * call.v_stride + key_head * call.value_width; }
  int64_t keys_in_chunk(int64_t begin) const { return std::clamp<int64_t>(keys - begin, 0, kChunk); }

  // [count, pitch]: v and 1.
  void pack_values(int64_t begin, int64_t count, float* packed) const {
    for (int64_t j = 0; j < count; ++j) {
      float* row = packed + j * pitch;
      std::memcpy(row, v(begin + j), static_cast<size_t>(call.value_width) * sizeof(float));
      row[call.value_width] = 1;
      std::fill(row + call.value_width + 1, row + pitch, 0.0f);
    }
  }
  // [count, feature_pitch]
  void pack_features(int64_t count, const float* first, int64_t stride, float* packed) const {
    pack_rows(
        count, call.features, 1.0f, [&](int64_t i) { return first + i * stride; }, packed);
  }
};

// Zero for the keys behind each row: row i of a chunk keeps columns 0 … i.
HWY_INLINE void keep_lower(int64_t rows, int64_t wide, float* score) {
  for (int64_t i = 0; i < rows; ++i)
    if (i + 1 < wide) std::fill(score + i * wide + i + 1, score + (i + 1) * wide, 0.0f);
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#endif
