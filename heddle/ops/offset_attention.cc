#include "heddle/ops/offset_attention.h"

#include <algorithm>

#include "heddle/kernels/offset_attention.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

template <class T>
kernels::OffsetAttention<T> offset_call(const Tensor& q, const Tensor& offsets, const Rows& rows,
                                        const OffsetAttentionOptions& options) {
  kernels::OffsetAttention<T> call;
  call.query_heads = options.heads;
  call.key_heads = options.key_heads;
  call.samples = static_cast<int>(offsets.width());
  call.key_width = q.width() / options.heads;
  call.scale = static_cast<T>(options.scale);
  call.causal = options.causal;
  call.offsets = offsets.data<T>();
  call.queries = {q.strided_data<T>(), q.row_stride(), rows.offsets};
  return call;
}

// One number for each sequence, in the workspace.
struct OfSequences {
  explicit OfSequences(const Rows& rows)
      : length(new_tensor({rows.sequences()}, DType::i32)),
        start(new_tensor({rows.sequences()}, DType::i32)),
        example(new_tensor({rows.sequences()}, DType::i64)) {
    for (int64_t s = 0; s < rows.sequences(); ++s) {
      const auto first = static_cast<size_t>(rows.offsets[static_cast<size_t>(s)]);
      length.data<int32_t>()[s] = rows.real_rows(s);
      start.data<int32_t>()[s] = first < rows.position.size() ? rows.position[first] : 0;
      example.data<int64_t>()[s] = first < rows.example.size() ? rows.example[first] : 0;
    }
  }
  Tensor length, start, example;
};

template <class T>
void enter_sequences(const OfSequences& of, const Tensor& k, const Tensor& v, const Rows& rows,
                     const OffsetAttentionOptions& options, kernels::OffsetAttention<T>& call) {
  call.value_width = v.width() / options.key_heads;
  call.source.keys = k.strided_data<T>();
  call.source.values = v.strided_data<T>();
  call.source.key_stride = k.row_stride();
  call.source.value_stride = v.row_stride();
  call.source.begin = rows.offsets;
  call.source.length = of.length.span<int32_t>();
  call.source.query_start = call.source.key_start = of.start.span<int32_t>();
  call.dropout = options.dropout.rule(rows);
  call.dropout.example = of.example.data<int64_t>();
}

// Of the sequences within rows [begin, end).
template <class T>
void add_offset_gradients(const Tensor& pieces, const Rows& rows, int64_t begin, int64_t end, const Tensor& slot) {
  const int64_t count = slot.count();
  for (int64_t s = 0; s < rows.sequences(); ++s) {
    if (rows.offsets[static_cast<size_t>(s)] < begin || rows.offsets[static_cast<size_t>(s) + 1] > end) continue;
    for (int64_t i = 0; i < count; ++i) slot.data<T>()[i] += pieces.data<T>()[s * count + i];
  }
}

}  // namespace

Tensor offset_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& offsets, const Rows& rows,
                        const OffsetAttentionOptions& options) {
  const int64_t heads = options.heads, key_heads = options.key_heads;
  HEDDLE_CHECK(heads % key_heads == 0 && q.width() % heads == 0 && k.width() == q.width() / heads * key_heads &&
                   v.width() % key_heads == 0 && offsets.rows() == heads && offsets.width() <= kernels::kMostOffsets,
               "{} heads of queries {} with offsets {} and {} of keys {} and values {} do not fit", heads,
               q.shape().text(), offsets.shape().text(), key_heads, k.shape().text(), v.shape().text());
  Tensor out = new_tensor({q.rows(), v.width() / key_heads * heads}, q.dtype());
  with_real_type(q.dtype(), [&]<class T>(T) {
    const OfSequences of(rows);
    kernels::OffsetAttention<T> call = offset_call<T>(q, offsets, rows, options);
    enter_sequences(of, k, v, rows, options, call);
    kernels::offset_attention(call, out.data<T>(), out.width());
  });
  if (Tape* tape = recording({&q, &k, &v, &offsets}))
    tape->record({&q, &k, &v, &offsets}, {&out}, rows,
                 [q = tape->save(q), k = tape->save(k), v = tape->save(v), offsets = stop_gradient(offsets),
                  options](Backward& b) {
      const Tensor dq = new_zeros(q.shape, q.dtype), dk = new_zeros(k.shape, k.dtype), dv = new_zeros(v.shape, v.dtype);
      const Tensor of_q = q.load(), of_k = k.load(), of_v = v.load(), &dout = b.gradient(0);
      const Tensor pieces = new_zeros({b.rows().sequences(), offsets.count()}, offsets.dtype());
      with_real_type(q.dtype, [&]<class T>(T) {
        const OfSequences of(b.rows());
        kernels::OffsetAttention<T> call = offset_call<T>(of_q, offsets, b.rows(), options);
        enter_sequences(of, of_k, of_v, b.rows(), options, call);
        kernels::OffsetAttentionGradients<T> gradients;
        gradients.dout = dout.strided_data<T>();
        gradients.dout_stride = dout.row_stride();
        gradients.dq = dq.data<T>();
        gradients.dq_stride = dq.row_stride();
        gradients.keys = {dk.data<T>(), dv.data<T>(), dk.row_stride(), dv.row_stride()};
        gradients.doffsets = pieces.data<T>();
        kernels::offset_attention_backward(call, gradients);
        b.parameter(3, offsets.shape(), offsets.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
          add_offset_gradients<T>(pieces, b.rows(), begin, end, slot);
        });
      });
      if (b.wants(0)) b.pass(0, dq);
      if (b.wants(1)) b.pass(1, dk);
      if (b.wants(2)) b.pass(2, dv);
    });
  return out;
}

Tensor cached_offset_attention(const Tensor& q, const CachedKeys& cache, const Tensor& offsets, const Rows& rows,
                               const OffsetAttentionOptions& options) {
  HEDDLE_CHECK(cache.runs.empty() || (cache.runs.size() == 1 && cache.runs[0].begin == 0),
               "places at learned offsets may be anywhere in the past, of which a part was forgotten");
  const int64_t keys = q.width() / options.heads * options.key_heads, values = cache.rows.width() - keys;
  Tensor out = new_tensor({q.rows(), values / options.key_heads * options.heads}, q.dtype());
  const Tensor zeros = new_zeros({std::ssize(cache.length)}, DType::i32);
  with_real_type(q.dtype(), [&]<class T>(T) {
    kernels::OffsetAttention<T> call = offset_call<T>(q, offsets, rows, options);
    call.value_width = values / options.key_heads;
    call.source.keys = cache.rows.strided_data<T>();
    call.source.values = call.source.keys + keys;
    call.source.key_stride = call.source.value_stride = cache.rows.row_stride();
    call.source.begin = zeros.span<int32_t>();
    call.source.length = cache.length;
    call.source.block_table = cache.table;
    call.source.block_begin = cache.table_begin;
    call.source.query_start = rows.position;
    kernels::offset_attention(call, out.data<T>(), out.width());
  });
  return out;
}

}  // namespace heddle::ops
