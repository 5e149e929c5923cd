#include "heddle/ops/linear_attention.h"

#include <cstring>

#include "heddle/kernels/linear_attention.h"
#include "heddle/ops/attention_scratch.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// Where the keys of each query sequence lie, in the workspace.
struct KeyPlaces {
  Tensor begin, length;  // [query sequences]

  KeyPlaces(const Rows& rows, std::span<const int32_t> of_query) {
    const int64_t count = of_query.empty() ? rows.sequences() : std::ssize(of_query);
    begin = new_tensor({count}, DType::i32);
    length = new_tensor({count}, DType::i32);
    for (int64_t s = 0; s < count; ++s) {
      const int64_t source = of_query.empty() ? s : int64_t{of_query[static_cast<size_t>(s)]};
      begin.data<int32_t>()[s] = rows.offsets[static_cast<size_t>(source)];
      length.data<int32_t>()[s] = rows.real_rows(source);
    }
  }
  template <class T>
  void enter(kernels::LinearAttention<T>& call) const {
    call.key_begin = begin.span<int32_t>();
    call.key_length = length.span<int32_t>();
  }
};

template <class T>
void set_keys(kernels::LinearAttention<T>& call, const Tensor& k, const Tensor& v, int key_heads) {
  call.key_heads = key_heads;
  call.features = k.width() / key_heads;
  call.value_width = v.width() / key_heads;
  call.k = k.strided_data<T>();
  call.v = v.strided_data<T>();
  call.k_stride = k.row_stride();
  call.v_stride = v.row_stride();
}

template <class T>
kernels::LinearAttention<T> call_of(const Tensor& q, const Tensor& k, const Tensor& v, const Rows& query_rows,
                                    const KeyPlaces& places, const LinearAttentionOptions& options) {
  kernels::LinearAttention<T> call;
  set_keys(call, k, v, options.key_heads);
  call.query_heads = options.heads;
  call.causal = options.causal;
  call.q = q.strided_data<T>();
  call.q_stride = q.row_stride();
  call.query_offsets = query_rows.offsets;
  places.enter(call);
  call.probe = probe_for<T>(options.probe);
  return call;
}

void check(const Tensor& q, const Tensor& k, const Tensor& v, const Rows& query_rows, const Rows& key_rows,
           const LinearAttentionOptions& options) {
  const int64_t heads = options.heads, key_heads = options.key_heads;
  HEDDLE_CHECK(heads % key_heads == 0 && q.width() % heads == 0 && k.width() == q.width() / heads * key_heads &&
                   v.width() % key_heads == 0,
               "{} heads of queries {} and {} of keys {} and values {} do not fit", heads, q.shape().text(), key_heads,
               k.shape().text(), v.shape().text());
  const int64_t reading = options.of_query.empty() ? key_rows.sequences() : std::ssize(options.of_query);
  HEDDLE_CHECK(query_rows.sequences() == reading, "{} query sequences cannot read {} sequences of keys",
               query_rows.sequences(), reading);
}

}  // namespace

Tensor linear_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Rows& query_rows, const Rows& key_rows,
                        const LinearAttentionOptions& options) {
  check(q, k, v, query_rows, key_rows, options);
  Tensor out = new_tensor({q.rows(), v.width() / options.key_heads * options.heads}, q.dtype());
  const Tensor sum = new_tensor({q.rows(), options.heads}, q.dtype());
  with_real_type(q.dtype(), [&]<class T>(T) {
    const KeyPlaces places(key_rows, options.of_query);
    kernels::linear_attention(call_of<T>(q, k, v, query_rows, places, options), out.data<T>(), out.width(),
                              sum.data<T>(), attention_scratch());
  });
  if (Tape* tape = recording({&q, &k, &v})) {
    HEDDLE_CHECK(options.of_query.empty(), "queries that share their keys are not trained through");
    tape->record({&q, &k, &v}, {&out}, query_rows,
                 [q = tape->save(q), k = tape->save(k), v = tape->save(v), out = tape->save(out),
                  sum = tape->save(sum, SaveHint::exact), key_rows, options](Backward& b) {
      const Tensor dq = new_zeros(q.shape, q.dtype), dk = new_zeros(k.shape, k.dtype), dv = new_zeros(v.shape, v.dtype);
      const Tensor of_q = q.load(), of_k = k.load(), of_v = v.load(), of_out = out.load(), of_sum = sum.load();
      with_real_type(q.dtype, [&]<class T>(T) {
        const KeyPlaces places(key_rows, {});
        kernels::LinearAttentionGradients<T> gradients;
        gradients.out = of_out.data<T>();
        gradients.sum = of_sum.data<T>();
        gradients.dout = b.gradient(0).strided_data<T>();
        gradients.out_stride = of_out.row_stride();
        gradients.dout_stride = b.gradient(0).row_stride();
        gradients.dq = dq.data<T>();
        gradients.dk = dk.data<T>();
        gradients.dv = dv.data<T>();
        gradients.dq_stride = dq.row_stride();
        gradients.dk_stride = dk.row_stride();
        gradients.dv_stride = dv.row_stride();
        kernels::linear_attention_backward(call_of<T>(of_q, of_k, of_v, b.rows(), places, options), gradients,
                                           attention_scratch());
      });
      if (b.wants(0)) b.pass(0, dq);
      if (b.wants(1)) b.pass(1, dk);
      if (b.wants(2)) b.pass(2, dv);
    });
  }
  return out;
}

Tensor linear_states(const Tensor& k, const Tensor& v, const Rows& key_rows, int key_heads) {
  Tensor states = new_zeros(
      {key_rows.sequences(), kernels::linear_state_width(key_heads, k.width() / key_heads, v.width() / key_heads)},
      k.dtype());
  with_real_type(k.dtype(), [&]<class T>(T) {
    const KeyPlaces places(key_rows, {});
    kernels::LinearAttention<T> call;
    set_keys(call, k, v, key_heads);
    call.query_offsets = key_rows.offsets;
    places.enter(call);
    kernels::add_to_linear_states(call, states.data<T>());
  });
  return states;
}

void advance_linear_states(const Tensor& k, const Tensor& v, const Tensor& past, std::span<const int32_t> parents,
                           int key_heads, const Tensor& states) {
  const auto bytes = static_cast<size_t>(states.width() * size_of(states.dtype()));
  const Tensor begin = new_tensor({k.rows() + 1}, DType::i32), ones = new_tensor({k.rows()}, DType::i32);
  begin.data<int32_t>()[0] = 0;
  for (int64_t r = 0; r < k.rows(); ++r) {
    const int32_t parent = parents[static_cast<size_t>(r)];
    auto* to = static_cast<std::byte*>(states.raw()) + static_cast<size_t>(r) * bytes;
    if (parent < 0) std::memset(to, 0, bytes);
    else std::memcpy(to, static_cast<const std::byte*>(past.raw()) + static_cast<size_t>(parent) * bytes, bytes);
    begin.data<int32_t>()[r + 1] = static_cast<int32_t>(r) + 1;
    ones.data<int32_t>()[r] = 1;
  }
  with_real_type(k.dtype(), [&]<class T>(T) {
    kernels::LinearAttention<T> call;
    set_keys(call, k, v, key_heads);
    call.query_offsets = call.key_begin = begin.span<int32_t>();
    call.key_length = ones.span<int32_t>();
    kernels::add_to_linear_states(call, states.data<T>());
  });
}

Tensor read_linear_states(const Tensor& q, const Tensor& states, const Rows& rows, std::span<const int32_t> of_query,
                          int heads, int key_heads) {
  const int64_t features = q.width() / heads, value_width = states.width() / (key_heads * features) - 1;
  HEDDLE_CHECK(states.width() == kernels::linear_state_width(key_heads, features, value_width),
               "{} heads of queries {} do not fit states {} of {}", heads, q.shape().text(), states.shape().text(),
               key_heads);
  Tensor out = new_tensor({q.rows(), heads * value_width}, q.dtype());
  with_real_type(q.dtype(), [&]<class T>(T) {
    kernels::LinearAttention<T> call;
    call.query_heads = heads;
    call.key_heads = key_heads;
    call.features = features;
    call.value_width = value_width;
    call.q = q.strided_data<T>();
    call.q_stride = q.row_stride();
    call.query_offsets = rows.offsets;
    kernels::read_linear_states<T>(call, states.data<T>(), of_query, out.data<T>(), out.width());
  });
  return out;
}

}  // namespace heddle::ops
