#include "heddle/kernels/linear_attention.h"

#include <algorithm>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/cpu/linear_attention.h"
#include "heddle/kernels/operation_count.h"
#include "heddle/kernels/reference/linear_attention.h"

namespace heddle::kernels {

void linear_attention(const LinearAttention<float>& call, float* out, int64_t out_stride, float* sum,
                      AttentionScratch& scratch) {
  if (call.probe) reference::linear_attention(call, out, out_stride, sum, scratch);
  else cpu::linear_attention(call, out, out_stride, sum, scratch);
}

void linear_attention(const LinearAttention<double>& call, double* out, int64_t out_stride, double* sum,
                      AttentionScratch& scratch) {
  reference::linear_attention(call, out, out_stride, sum, scratch);
}

void linear_attention_backward(const LinearAttention<float>& call, const LinearAttentionGradients<float>& gradients,
                               AttentionScratch& scratch) {
  if (call.probe) reference::linear_attention_backward(call, gradients, scratch);
  else cpu::linear_attention_backward(call, gradients, scratch);
}

void linear_attention_backward(const LinearAttention<double>& call, const LinearAttentionGradients<double>& gradients,
                               AttentionScratch& scratch) {
  reference::linear_attention_backward(call, gradients, scratch);
}

template <class T>
void add_to_linear_states(const LinearAttention<T>& call, T* states) {
  const int64_t size = linear_state_width(1, call.features, call.value_width), pitch = call.value_width + 1;
  parallel_for(call.sequences() * call.key_heads, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const auto at = static_cast<size_t>(unit / call.key_heads);
      const int64_t head = unit % call.key_heads;
      T* __restrict state = states + unit * size;
      for (int64_t row = call.key_begin[at]; row < call.key_begin[at] + call.key_length[at]; ++row) {
        const T* k = call.k + row * call.k_stride + head * call.features;
        const T* __restrict v = call.v + row * call.v_stride + head * call.value_width;
        for (int64_t f = 0; f < call.features; ++f) {
          T* __restrict s = state + f * pitch;
          for (int64_t c = 0; c < call.value_width; ++c) s[c] += k[f] * v[c];
          s[call.value_width] += k[f];
        }
      }
      count_operations(Operation::attention, 2 * call.key_length[at] * size);
    }
  });
}

template <class T>
void read_linear_states(const LinearAttention<T>& call, const T* states, std::span<const int32_t> of_query, T* out,
                        int64_t out_stride) {
  const int64_t size = linear_state_width(1, call.features, call.value_width), pitch = call.value_width + 1;
  const int group = call.query_heads / call.key_heads;
  parallel_for(call.sequences() * call.query_heads, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const auto at = static_cast<size_t>(unit / call.query_heads);
      const int64_t head = unit % call.query_heads, rows = call.query_offsets[at + 1] - call.query_offsets[at];
      const int64_t source = of_query.empty() ? static_cast<int64_t>(at) : int64_t{of_query[at]};
      const T* state = states + (source * call.key_heads + head / group) * size;
      for (int64_t row = call.query_offsets[at]; row < call.query_offsets[at + 1]; ++row) {
        const T* q = call.q + row * call.q_stride + head * call.features;
        T* __restrict result = out + row * out_stride + head * call.value_width;
        std::fill_n(result, call.value_width, T{0});
        T sum = 0;
        for (int64_t f = 0; f < call.features; ++f) {
          const T* __restrict s = state + f * pitch;
          for (int64_t c = 0; c < call.value_width; ++c) result[c] += q[f] * s[c];
          sum += q[f] * s[call.value_width];
        }
        const T share = sum > 0 ? 1 / sum : T{0};
        for (int64_t c = 0; c < call.value_width; ++c) result[c] *= share;
      }
      count_operations(Operation::attention, 2 * rows * size);
    }
  });
}

#define HEDDLE_INSTANTIATE(T)                                        \
  template void add_to_linear_states(const LinearAttention<T>&, T*); \
  template void read_linear_states(const LinearAttention<T>&, const T*, std::span<const int32_t>, T*, int64_t);
HEDDLE_INSTANTIATE(float)
HEDDLE_INSTANTIATE(double)
#undef HEDDLE_INSTANTIATE

}  // namespace heddle::kernels
