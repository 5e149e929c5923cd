#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/cpu/linear_attention_backward.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/cpu/linear_attention-inl.h"
#include "heddle/kernels/cpu/linear_attention.h"
#include "heddle/kernels/operation_count.h"

// With V' = [v, 1] the forward pass is O' = tril(Q·Kᵀ)·V' and a division; the gradient of O' is
// g = [dout, -out·dout]/sum. Then
//   dQ_i = g_i·Σ_{j <= i} V'_j K_jᵀ,   dK_j = V'_j·Σ_{i >= j} g_i Q_iᵀ,   dV'_j = K_j·Σ_{i >= j} Q_i g_iᵀ,
// each sum a state that goes from chunk to chunk, and pairs within the chunk.
HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {

struct LinearBackwardMemory {
  float* values;             // [kChunk, pitch]: V'
  float* values_transposed;  // [pitch, kChunk]
  float* keys;               // [kChunk, feature_pitch]
  float* keys_transposed;    // [features, kChunk]
  float* query;              // [kChunk, feature_pitch]
  float* g;                  // [kChunk, pitch]
  float* score;              // [kChunk, kChunk]
  float* dfeatures;          // [kChunk, feature_pitch]
  float* dvalues;            // [kChunk, pitch]
  float* state;              // [features, pitch]
  float* state_transposed;   // [value_width + 1, feature_pitch]
};

class LinearBackward {
 public:
  LinearBackward(const LinearSlice& slice, const LinearAttentionGradients<float>& gradients, float* memory)
      : s_(slice), call_(slice.call), gradients_(gradients), width_(slice.call.value_width + 1) {
    Cutter cut{memory};
    m_.values = cut.take(kChunk * s_.pitch);
    m_.values_transposed = cut.take(s_.pitch * kChunk);
    m_.keys = cut.take(kChunk * s_.feature_pitch);
    m_.keys_transposed = cut.take(call_.features * kChunk);
    m_.query = cut.take(kChunk * s_.feature_pitch);
    m_.g = cut.take(kChunk * s_.pitch);
    m_.score = cut.take(kChunk * kChunk);
    m_.dfeatures = cut.take(kChunk * s_.feature_pitch);
    m_.dvalues = cut.take(kChunk * s_.pitch);
    m_.state = cut.take(call_.features * s_.pitch);
    m_.state_transposed = cut.take(width_ * s_.feature_pitch);
  }

  // dQ, with the state of the keys so far.
  void queries() {
    std::fill_n(m_.state_transposed, width_ * s_.feature_pitch, 0.0f);
    for (int64_t begin = 0; begin < s_.keys && !call_.causal; begin += kChunk) {
      pack_keys(begin, s_.keys_in_chunk(begin));
      absorb_keys(s_.keys_in_chunk(begin));
    }
    for (int64_t begin = 0; begin < s_.rows; begin += kChunk) {
      const int64_t count = std::min(kChunk, s_.rows - begin), keys = call_.causal ? s_.keys_in_chunk(begin) : 0;
      if (keys > 0) pack_keys(begin, keys);
      over_heads([&](int head) {
        pack_gradient(begin, count, head);
        if (!call_.causal || begin > 0) {
          small_product({count, s_.feature_pitch, width_, m_.g, s_.pitch, 1, m_.state_transposed, s_.feature_pitch,
                         m_.dfeatures, s_.feature_pitch});
          counted_ += count * call_.features * width_;
        } else {
          std::fill_n(m_.dfeatures, count * s_.feature_pitch, 0.0f);
        }
        if (keys > 0) {
          pair_gradients(count, keys);
          small_product({count, s_.feature_pitch, keys, m_.score, padded(keys), 1, m_.keys, s_.feature_pitch,
                         m_.dfeatures, s_.feature_pitch, true});
          counted_ += count * keys * call_.features;
        }
        for (int64_t i = 0; i < count; ++i)
          std::copy_n(m_.dfeatures + i * s_.feature_pitch, call_.features,
                      gradients_.dq + (s_.first_row + begin + i) * gradients_.dq_stride + head * call_.features);
      });
      if (keys > 0 && begin + kChunk < s_.rows) absorb_keys(keys);
    }
  }

  // dK and dV, with the state of the queries from the end.
  void keys() {
    std::fill_n(m_.state, call_.features * s_.pitch, 0.0f);
    std::fill_n(m_.state_transposed, width_ * s_.feature_pitch, 0.0f);
    const int64_t last_row = (s_.rows - 1) / kChunk * kChunk, last_key = (s_.keys - 1) / kChunk * kChunk;
    for (int64_t begin = last_row; begin >= 0 && (!call_.causal || begin > last_key); begin -= kChunk)
      over_heads([&](int head) { absorb_queries(begin, head); });
    for (int64_t begin = last_key; begin >= 0; begin -= kChunk) {
      const int64_t keys = s_.keys_in_chunk(begin);
      pack_keys(begin, keys);
      if (ahead_) {
        small_product({keys, s_.feature_pitch, width_, m_.values, s_.pitch, 1, m_.state_transposed, s_.feature_pitch,
                       m_.dfeatures, s_.feature_pitch});
        small_product(
            {keys, s_.pitch, call_.features, m_.keys, s_.feature_pitch, 1, m_.state, s_.pitch, m_.dvalues, s_.pitch});
        counted_ += 2 * keys * call_.features * width_;
      } else {
        std::fill_n(m_.dfeatures, keys * s_.feature_pitch, 0.0f);
        std::fill_n(m_.dvalues, keys * s_.pitch, 0.0f);
      }
      if (call_.causal) over_heads([&](int head) { pairs_of_keys(begin, keys, head); });
      for (int64_t j = 0; j < keys; ++j) {
        const int64_t row = s_.first_key + begin + j;
        std::copy_n(m_.dfeatures + j * s_.feature_pitch, call_.features,
                    gradients_.dk + row * gradients_.dk_stride + s_.key_head * call_.features);
        std::copy_n(m_.dvalues + j * s_.pitch, call_.value_width,
                    gradients_.dv + row * gradients_.dv_stride + s_.key_head * call_.value_width);
      }
    }
  }

  int64_t multiplied() const { return counted_; }

 private:
  template <class Body>
  void over_heads(Body&& body) {
    for (int head = s_.key_head * s_.group; head < (s_.key_head + 1) * s_.group; ++head) body(head);
  }

  void pack_keys(int64_t begin, int64_t keys) {
    s_.pack_values(begin, keys, m_.values);
    s_.pack_features(keys, s_.k(begin), call_.k_stride, m_.keys);
    if (!call_.causal) return;
    pack_transposed(
        keys, width_, padded(keys), [&](int64_t j) { return m_.values + j * s_.pitch; }, m_.values_transposed);
    pack_transposed(
        keys, call_.features, padded(keys), [&](int64_t j) { return s_.k(begin + j); }, m_.keys_transposed);
  }

  void absorb_keys(int64_t keys) {
    small_product({width_, s_.feature_pitch, keys, m_.values, 1, s_.pitch, m_.keys, s_.feature_pitch,
                   m_.state_transposed, s_.feature_pitch, true});
    counted_ += keys * call_.features * width_;
  }

  // g of a chunk of rows.
  void pack_gradient(int64_t begin, int64_t count, int head) {
    const int64_t width = call_.value_width;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t row = s_.first_row + begin + i;
      const float* out = gradients_.out + row * gradients_.out_stride + head * width;
      const float* dout = gradients_.dout + row * gradients_.dout_stride + head * width;
      const float total = gradients_.sum[row * call_.query_heads + head], share = total > 0 ? 1 / total : 0.0f;
      float* g = m_.g + i * s_.pitch;
      float dot = 0;
      for (int64_t c = 0; c < width; ++c) {
        dot += out[c] * dout[c];
        g[c] = dout[c] * share;
      }
      g[width] = -dot * share;
      std::fill(g + width + 1, g + s_.pitch, 0.0f);
    }
  }

  // score [count, keys] = tril(g·V'ᵀ)
  void pair_gradients(int64_t count, int64_t keys) {
    const int64_t wide = padded(keys);
    small_product({count, wide, width_, m_.g, s_.pitch, 1, m_.values_transposed, wide, m_.score, wide});
    keep_lower(count, wide, m_.score);
    counted_ += count * keys * width_;
  }

  int64_t pack_queries(int64_t begin, int head) {
    const int64_t count = std::min(kChunk, s_.rows - begin);
    pack_gradient(begin, count, head);
    s_.pack_features(count, s_.q(begin, head), call_.q_stride, m_.query);
    return count;
  }

  // The queries of a chunk join the states.
  void add_queries(int64_t count) {
    small_product({call_.features, s_.pitch, count, m_.query, 1, s_.feature_pitch, m_.g, s_.pitch, m_.state, s_.pitch,
                   true});
    small_product({width_, s_.feature_pitch, count, m_.g, 1, s_.pitch, m_.query, s_.feature_pitch, m_.state_transposed,
                   s_.feature_pitch, true});
    counted_ += 2 * count * call_.features * width_;
    ahead_ = true;
  }
  void absorb_queries(int64_t begin, int head) { add_queries(pack_queries(begin, head)); }

  // What the queries of the keys' own chunk add to dK and dV; then they join the states.
  void pairs_of_keys(int64_t begin, int64_t keys, int head) {
    const int64_t count = pack_queries(begin, head), wide = padded(keys);
    pair_gradients(count, keys);
    small_product({keys, s_.feature_pitch, count, m_.score, 1, wide, m_.query, s_.feature_pitch, m_.dfeatures,
                   s_.feature_pitch, true});
    small_product(
        {count, wide, call_.features, m_.query, s_.feature_pitch, 1, m_.keys_transposed, wide, m_.score, wide});
    keep_lower(count, wide, m_.score);
    small_product({keys, s_.pitch, count, m_.score, 1, wide, m_.g, s_.pitch, m_.dvalues, s_.pitch, true});
    counted_ += count * keys * (2 * call_.features + width_);
    if (begin > 0) add_queries(count);
  }

  const LinearSlice& s_;
  const LinearAttention<float>& call_;
  const LinearAttentionGradients<float>& gradients_;
  int64_t width_;  // of V'
  LinearBackwardMemory m_;
  bool ahead_ = false;  // whether queries have joined the states
  int64_t counted_ = 0;
};

void LinearBackwardSlice(const LinearAttention<float>& call, const LinearAttentionGradients<float>& gradients,
                         int64_t sequence, int key_head, float* memory) {
  const LinearSlice slice(call, sequence, key_head);
  if (slice.rows == 0 || slice.keys == 0) return;  // nobody saw anything
  LinearBackward pass(slice, gradients, memory);
  pass.queries();
  pass.keys();
  count_operations(Operation::attention, 2 * pass.multiplied());
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heddle::kernels {
HWY_EXPORT(LinearBackwardSlice);

namespace cpu {

void linear_attention_backward(const LinearAttention<float>& call, const LinearAttentionGradients<float>& gradients,
                               AttentionScratch& scratch) {
  const auto pad = [](int64_t count) { return (count + 15) / 16 * 16; };
  constexpr int64_t kRows = 64, kPieces = 11;
  const int64_t pitch = pad(call.value_width + 1), feature_pitch = pad(call.features);
  const int64_t elements = kRows * (4 * pitch + 4 * feature_pitch + kRows) + feature_pitch * 2 * pitch + 16 * kPieces;
  scratch.prepare(thread_count());
  parallel_for(call.sequences() * call.key_heads, 1, [&](int64_t begin, int64_t end, int lane) {
    float* memory = scratch.take<float>(lane, elements);
    for (int64_t unit = begin; unit < end; ++unit) HWY_DYNAMIC_DISPATCH(LinearBackwardSlice)
    (call, gradients, unit / call.key_heads, static_cast<int>(unit % call.key_heads), memory);
  });
}

}  // namespace cpu
}  // namespace heddle::kernels
#endif
