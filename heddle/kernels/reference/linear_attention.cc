#include "heddle/kernels/reference/linear_attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/kernels/operation_count.h"

namespace heddle::kernels::reference {
namespace {

// One (sequence, query head).
template <class T>
struct Slice {
  const LinearAttention<T>& call;
  int64_t sequence;
  int head;
  int64_t first_row, rows, first_key, columns;
  int key_head;

  Slice(const LinearAttention<T>& c, int64_t s, int h) : call(c), sequence(s), head(h) {
    const auto at = static_cast<size_t>(s);
    first_row = c.query_offsets[at];
    rows = c.query_offsets[at + 1] - first_row;
    first_key = c.key_begin[at];
    columns = c.key_length[at];
    key_head = h / (c.query_heads / c.key_heads);
  }
  const T* q(int64_t i) const { return call.q + (first_row + i) * call.q_stride + head * call.features; }
  const T* k(int64_t j) const { return call.k + (first_key + j) * call.k_stride + key_head * call.features; }
  const T* v(int64_t j) const { return call.v + (first_key + j) * call.v_stride + key_head * call.value_width; }
  // Keys that row i sees.
  int64_t seen(int64_t i) const { return call.causal ? std::min(i + 1, columns) : columns; }
  T product(int64_t i, int64_t j) const {
    T dot = 0;
    for (int64_t f = 0; f < call.features; ++f) dot += q(i)[f] * k(j)[f];
    return dot;
  }
  // [rows, columns], zero where nothing is seen.
  void products(T* product_of) const {
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) product_of[i * columns + j] = j < seen(i) ? product(i, j) : T{0};
  }
  void show_scores(T* product_of) const {
    for (int64_t i = 0; i < rows * columns; ++i) product_of[i] = std::log(product_of[i]);
    call.probe->scores(sequence, head, rows, columns, product_of);
    for (int64_t i = 0; i < rows * columns; ++i) product_of[i] = std::exp(product_of[i]);
  }
};

template <class T, class Visit>
void over_slices(const LinearAttention<T>& call, int64_t operations, Visit&& visit) {
  for (int64_t sequence = 0; sequence < call.sequences(); ++sequence)
    for (int head = 0; head < call.query_heads; ++head) {
      const Slice<T> slice(call, sequence, head);
      count_operations(Operation::attention, 2 * operations * slice.rows * slice.columns);
      visit(slice);
    }
}

}  // namespace

template <class T>
void linear_attention(const LinearAttention<T>& call, T* out, int64_t out_stride, T* sum, AttentionScratch& scratch) {
  scratch.prepare(1);
  over_slices(call, call.features + call.value_width, [&](const Slice<T>& slice) {
    const int64_t n = slice.columns;
    T* weight = scratch.take<T>(0, slice.rows * n);
    slice.products(weight);
    if (call.probe) slice.show_scores(weight);
    for (int64_t i = 0; i < slice.rows; ++i) {
      T total = 0;
      for (int64_t j = 0; j < n; ++j) total += weight[i * n + j];
      sum[(slice.first_row + i) * call.query_heads + slice.head] = total;
      for (int64_t j = 0; j < n; ++j) weight[i * n + j] = total > 0 ? weight[i * n + j] / total : T{0};
    }
    if (call.probe) call.probe->weights(slice.sequence, slice.head, slice.rows, n, weight);
    for (int64_t i = 0; i < slice.rows; ++i) {
      T* result = out + (slice.first_row + i) * out_stride + slice.head * call.value_width;
      std::fill_n(result, call.value_width, T{0});
      for (int64_t j = 0; j < n; ++j)
        for (int64_t c = 0; c < call.value_width; ++c) result[c] += weight[i * n + j] * slice.v(j)[c];
    }
  });
}

template <class T>
void linear_attention_backward(const LinearAttention<T>& call, const LinearAttentionGradients<T>& gradients,
                               AttentionScratch& scratch) {
  scratch.prepare(1);
  over_slices(call, 3 * call.features + 2 * call.value_width, [&](const Slice<T>& slice) {
    const int64_t n = slice.columns, rows = slice.rows;
    T* product = scratch.take<T>(0, 2 * rows * n);
    T* weight = product + rows * n;
    slice.products(product);
    std::copy_n(product, rows * n, weight);
    if (call.probe) slice.show_scores(weight);
    const auto sum_of = [&](int64_t i) { return gradients.sum[(slice.first_row + i) * call.query_heads + slice.head]; };
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < n; ++j) weight[i * n + j] = sum_of(i) > 0 ? weight[i * n + j] / sum_of(i) : T{0};
    if (call.probe) call.probe->weights(slice.sequence, slice.head, rows, n, weight);
    for (int64_t i = 0; i < rows; ++i) {
      if (sum_of(i) <= 0) continue;
      const T* dout = gradients.dout + (slice.first_row + i) * gradients.dout_stride + slice.head * call.value_width;
      const T* out = gradients.out + (slice.first_row + i) * gradients.out_stride + slice.head * call.value_width;
      T* dq = gradients.dq + (slice.first_row + i) * gradients.dq_stride + slice.head * call.features;
      T row_sum = 0;  // Σ_j p_j dp_j = out · dout
      for (int64_t c = 0; c < call.value_width; ++c) row_sum += out[c] * dout[c];
      for (int64_t j = 0; j < slice.seen(i); ++j) {
        T* dk = gradients.dk + (slice.first_key + j) * gradients.dk_stride + slice.key_head * call.features;
        T* dv = gradients.dv + (slice.first_key + j) * gradients.dv_stride + slice.key_head * call.value_width;
        T dweight = 0;
        for (int64_t c = 0; c < call.value_width; ++c) {
          dweight += dout[c] * slice.v(j)[c];
          dv[c] += weight[i * n + j] * dout[c];
        }
        // A probe may have changed what a product of features weighs.
        const T at = product[i * n + j], share = !call.probe ? 1 / sum_of(i) : at > 0 ? weight[i * n + j] / at : T{0};
        const T dproduct = (dweight - row_sum) * share;
        for (int64_t f = 0; f < call.features; ++f) {
          dq[f] += dproduct * slice.k(j)[f];
          dk[f] += dproduct * slice.q(i)[f];
        }
      }
    }
  });
}

#define HEDDLE_INSTANTIATE(T)                                                                            \
  template void linear_attention(const LinearAttention<T>&, T*, int64_t, T*, AttentionScratch&);         \
  template void linear_attention_backward(const LinearAttention<T>&, const LinearAttentionGradients<T>&, \
                                          AttentionScratch&);
HEDDLE_INSTANTIATE(float)
HEDDLE_INSTANTIATE(double)
#undef HEDDLE_INSTANTIATE

}  // namespace heddle::kernels::reference
