#include "heddle/ops/attention.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "heddle/ops/attention_scratch.h"
#include "heddle/ops/attention_sink.h"
#include "heddle/ops/attention_term.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// An array of one number per sequence, in the workspace, for the kernel.
struct Int32s {
  explicit Int32s(int64_t count) : memory(new_tensor({count}, DType::i32)) {}
  std::span<int32_t> values() const { return memory.span<int32_t>(); }
  Tensor memory;
};

// At which position each sequence begins: masks speak of positions.
void note_starts(const Rows& rows, std::span<int32_t> starts) {
  for (size_t s = 0; s < starts.size(); ++s) {
    const auto first = static_cast<size_t>(rows.offsets[s]);
    starts[s] = first < rows.position.size() ? rows.position[first] : 0;
  }
}

// Whether the documents of every sequence run upwards.
bool documents_ascend(const Rows& rows) {
  for (int64_t s = 0; s < rows.sequences(); ++s) {
    const auto begin = static_cast<size_t>(rows.offsets[static_cast<size_t>(s)]);
    const auto end = static_cast<size_t>(rows.offsets[static_cast<size_t>(s) + 1]);
    if (!std::ranges::is_sorted(rows.document.subspan(begin, end - begin))) return false;
  }
  return true;
}

// The kernel's arguments for packed queries and keys, with the arrays they point to.
template <class T>
struct Call {
  Int32s length, query_start, key_start;
  Tensor examples;  // [sequences] i64, for dropout
  KernelTerm<T> term;
  kernels::AttentionPlan<T> plan;
  kernels::AttentionQueries<T> queries;
  kernels::KeySource<T> source;

  Call(const Tensor& q, const Tensor& k, const Tensor& v, const Rows& query_rows, const Rows& key_rows,
       const AttentionOptions& options, const TermGradients* term_gradients = nullptr,
       const kernels::KeyGradients<T>& key_gradients = {})
      : length(key_rows.sequences()),
        query_start(query_rows.sequences()),
        key_start(key_rows.sequences()),
        term(options.term, options.heads, q.width() / options.heads, options.scale, term_gradients) {
    term.meet(options.additive, options.heads, options.of_keys(), source, key_gradients, term_gradients);
    term.limit(options.span, term_gradients);
    note_starts(query_rows, query_start.values());
    note_starts(key_rows, key_start.values());
    for (int64_t s = 0; s < key_rows.sequences(); ++s) length.values()[static_cast<size_t>(s)] = key_rows.real_rows(s);
    plan.query_heads = options.heads;
    plan.key_heads = options.of_keys();
    plan.key_width = q.width() / options.heads;
    plan.value_width = v.width() / options.of_keys();
    plan.scale = static_cast<T>(options.scale);
    plan.probe = probe_for<T>(options.probe);
    if (options.dropout.active() || options.noise.active) {
      examples = new_tensor({query_rows.sequences()}, DType::i64);
      for (int64_t s = 0; s < query_rows.sequences(); ++s) {
        const auto first = static_cast<size_t>(query_rows.offsets[static_cast<size_t>(s)]);
        examples.data<int64_t>()[s] = first < query_rows.example.size() ? query_rows.example[first] : 0;
      }
      plan.dropout = options.dropout.rule(query_rows);
      plan.dropout.example = examples.data<int64_t>();
      if (options.noise.active) term.disturb({options.noise.key.key(), examples.data<int64_t>()});
    }
    plan.terms = term.list();
    queries = {q.strided_data<T>(), q.row_stride(), query_rows.offsets};
    source.keys = k.strided_data<T>();
    source.values = v.strided_data<T>();
    source.key_stride = k.row_stride();
    source.value_stride = v.row_stride();
    source.begin = key_rows.offsets;
    source.length = length.values();
    source.of_query = options.of_query;
    source.query_start = query_start.values();
    source.key_start = key_start.values();
    source.mask = options.mask;
    source.head_masks = options.head_masks;
    source.real_length = length.values();
    if (query_rows.document.empty() || key_rows.document.empty()) return;
    source.query_document = query_rows.document;
    source.key_document = key_rows.document;
    source.documents_ascend = documents_ascend(query_rows) && documents_ascend(key_rows);
  }
};

// out and log_sum of a forward pass, and the gradients of a backward one, over views of q, k and v.
struct Result {
  Tensor out, log_sum;
};

// Every query sequence must have keys to read, even if there are none in them.
void check_sequences(const Rows& query_rows, const Rows& key_rows, std::span<const int32_t> of_query) {
  const int64_t reading = of_query.empty() ? key_rows.sequences() : std::ssize(of_query);
  HEDDLE_CHECK(reading >= query_rows.sequences(), "{} query sequences cannot read {} sequences of keys",
               query_rows.sequences(), reading);
  for (int32_t sequence : of_query)
    HEDDLE_CHECK(sequence >= 0 && sequence < key_rows.sequences(), "key sequence {} of {}", sequence,
                 key_rows.sequences());
}

// Runs plain attention and puts the sink in, if there is one.
template <class T, class Run>
void with_sink(const AttentionOptions& options, kernels::AttentionPlan<T>& plan, const Tensor& out,
               const Tensor& log_sum, Run&& run) {
  if (!options.sink.defined()) return run();
  std::optional<SinkProbe<T>> probe;
  if (plan.probe) plan.probe = &probe.emplace(*plan.probe, options.sink.data<T>());
  run();
  add_sink(options.sink, out, log_sum, probe.has_value());
}

void check_head_masks(const AttentionOptions& options) {
  HEDDLE_CHECK(options.head_masks.empty() || std::ssize(options.head_masks) == options.heads,
               "{} masks for {} heads of queries; give one for each, or none", options.head_masks.size(),
               options.heads);
}

Result forward(const Tensor& q, const Tensor& k, const Tensor& v, const Rows& query_rows, const Rows& key_rows,
               const AttentionOptions& options) {
  const int64_t heads = options.heads, key_heads = options.of_keys();
  HEDDLE_CHECK(heads % key_heads == 0 && q.width() % heads == 0 && k.width() == q.width() / heads * key_heads &&
                   v.width() % key_heads == 0,
               "{} heads of queries {} and {} of keys {} and values {} do not fit", heads, q.shape().text(), key_heads,
               k.shape().text(), v.shape().text());
  check_sequences(query_rows, key_rows, options.of_query);
  check_head_masks(options);
  const int64_t out_width = v.width() / key_heads * heads;
  Result result = {new_tensor({q.rows(), out_width}, q.dtype()), new_tensor({q.rows(), heads}, q.dtype())};
  with_real_type(q.dtype(), [&]<class T>(T) {
    Call<T> call(q, k, v, query_rows, key_rows, options);
    with_sink<T>(options, call.plan, result.out, result.log_sum, [&] {
      kernels::attention(call.plan, call.queries, {&call.source, 1}, result.out.data<T>(), out_width,
                         result.log_sum.data<T>(), attention_scratch());
    });
  });
  return result;
}

// dq is written, dk and dv are added to.
void backward(const Tensor& q, const Tensor& k, const Tensor& v, const Rows& query_rows, const Rows& key_rows,
              const AttentionOptions& options, const Tensor& out, const Tensor& log_sum, const Tensor& dout,
              const Tensor& dq, const Tensor& dk, const Tensor& dv, const TermGradients* term_gradients) {
  with_real_type(q.dtype(), [&]<class T>(T) {
    const kernels::KeyGradients<T> keys = {dk.strided_data<T>(), dv.strided_data<T>(), dk.row_stride(),
                                           dv.row_stride()};
    Call<T> call(q, k, v, query_rows, key_rows, options, term_gradients, keys);
    kernels::AttentionGradients<T> gradients;
    gradients.out = out.data<T>();
    gradients.log_sum = log_sum.data<T>();
    gradients.dout = dout.strided_data<T>();
    gradients.out_stride = out.row_stride();
    gradients.dout_stride = dout.row_stride();
    gradients.dq = dq.strided_data<T>();
    gradients.dq_stride = dq.row_stride();
    gradients.sources = {&keys, 1};
    kernels::attention_backward(call.plan, call.queries, {&call.source, 1}, gradients, attention_scratch());
  });
}

Tensor zeros_like(const Saved& saved) { return new_zeros(saved.shape, saved.dtype); }

// What waits for the backward pass: the options without their place on the tape.
AttentionOptions off_tape(AttentionOptions options) {
  options.term.table = stop_gradient(options.term.table);
  options.term.shift = stop_gradient(options.term.shift);
  options.additive = stop_gradient(options.additive);
  options.span.logits = stop_gradient(options.span.logits);
  options.sink = stop_gradient(options.sink);
  return options;
}

// Runs a backward pass with the gradients of the options' own weights beside it: the inputs from term_input on.
template <class Run>
void with_term_gradients(Backward& b, int term_input, const AttentionOptions& options, Run&& run) {
  if (!options.term.table.defined() && !options.additive.defined() && !options.span.logits.defined())
    return run(nullptr);
  const TermGradients gradients(b, term_input, options);
  run(&gradients);
  gradients.deliver(b);
}

// The last of those inputs.
void with_sink_gradient(Backward& b, int input, const AttentionOptions& options, const Tensor& out,
                        const Tensor& log_sum) {
  if (options.sink.defined()) pass_sink_gradient(b, input + 4, options.sink, out, log_sum, b.gradient(0));
}

}  // namespace

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const Rows& query_rows, const Rows& key_rows,
                 const AttentionOptions& options) {
  Result result = forward(q, k, v, query_rows, key_rows, options);
  const std::array w = options.learned();
  if (Tape* tape = recording({&q, &k, &v, &w[0], &w[1], &w[2], &w[3], &w[4]}))
    tape->record(
        {&q, &k, &v, &w[0], &w[1], &w[2], &w[3], &w[4]}, {&result.out}, query_rows,
        [q = tape->save(q), k = tape->save(k), v = tape->save(v), out = tape->save(result.out),
         log_sum = tape->save(result.log_sum, SaveHint::exact), key_rows, options = off_tape(options)](Backward& b) {
      const Tensor dq = zeros_like(q), dk = zeros_like(k), dv = zeros_like(v);
      const Tensor made = out.load(), sums = log_sum.load();
      with_term_gradients(b, 3, options, [&](const TermGradients* term) {
        backward(q.load(), k.load(), v.load(), b.rows(), key_rows, options, made, sums, b.gradient(0), dq, dk, dv,
                 term);
      });
      with_sink_gradient(b, 3, options, made, sums);
      if (b.wants(0)) b.pass(0, dq);
      if (b.wants(1)) b.pass(1, dk);
      if (b.wants(2)) b.pass(2, dv);
        });
  return result.out;
}

Tensor self_attention(const Tensor& qkv, const Rows& rows, const AttentionOptions& options) {
  HEDDLE_CHECK(!options.additive.defined(), "an additive score reads queries and keys apart");
  const int64_t parts_of_width = options.heads + 2 * options.of_keys(), width = qkv.width() / parts_of_width;
  HEDDLE_CHECK(qkv.width() % parts_of_width == 0,
               "{} heads of queries and {} of keys and values do not divide a width of {}", options.heads,
               options.of_keys(), qkv.width());
  const int64_t key = width * options.heads, value = key + width * options.of_keys();
  const auto parts = [key, value](const Tensor& t) {
    return std::array{t.column_range(0, key), t.column_range(key, value), t.column_range(value, t.width())};
  };
  const auto [q, k, v] = parts(qkv);
  Result result = forward(q, k, v, rows, rows, options);
  const std::array w = options.learned();
  if (Tape* tape = recording({&qkv, &w[0], &w[1], &w[2], &w[3], &w[4]}))
    tape->record(
        {&qkv, &w[0], &w[1], &w[2], &w[3], &w[4]}, {&result.out}, rows,
        [qkv = tape->save(qkv), out = tape->save(result.out), log_sum = tape->save(result.log_sum, SaveHint::exact),
         options = off_tape(options), parts](Backward& b) {
      const Tensor dall = zeros_like(qkv);
      const std::array of = parts(qkv.load()), d = parts(dall);
      const Tensor made = out.load(), sums = log_sum.load();
      with_term_gradients(b, 1, options, [&](const TermGradients* term) {
        backward(of[0], of[1], of[2], b.rows(), b.rows(), options, made, sums, b.gradient(0), d[0], d[1], d[2], term);
      });
      with_sink_gradient(b, 1, options, made, sums);
      if (b.wants(0)) b.pass(0, dall);
        });
  return result.out;
}

Tensor cross_attention(const Tensor& q, const Tensor& key_value, const Rows& query_rows, const Rows& key_rows,
                       const AttentionOptions& options) {
  HEDDLE_CHECK(!options.term.exists() && !options.span.logits.defined() && !options.additive.defined(),
               "positions of two sequences have no distance, and an additive score reads queries and keys apart");
  const int64_t inner = key_value.width() / 2;
  const auto part = [inner](const Tensor& t, int64_t i) { return t.column_range(i * inner, (i + 1) * inner); };
  Result result = forward(q, part(key_value, 0), part(key_value, 1), query_rows, key_rows, options);
  const std::array w = options.learned();
  if (Tape* tape = recording({&q, &key_value, &w[4]}))
    tape->record({&q, &key_value, &w[0], &w[1], &w[2], &w[3], &w[4]}, {&result.out}, query_rows,
                 [q = tape->save(q), kv = tape->save(key_value), out = tape->save(result.out),
                  log_sum = tape->save(result.log_sum, SaveHint::exact), key_rows, options = off_tape(options),
                  part](Backward& b) {
      const Tensor all = kv.load(), dq = zeros_like(q), dall = zeros_like(kv);
      const Tensor made = out.load(), sums = log_sum.load();
      backward(q.load(), part(all, 0), part(all, 1), b.rows(), key_rows, options, made, sums, b.gradient(0), dq,
               part(dall, 0), part(dall, 1), nullptr);
      with_sink_gradient(b, 2, options, made, sums);
      if (b.wants(0)) b.pass(0, dq);
      if (b.wants(1)) b.pass(1, dall);
    });
  return result.out;
}

Tensor cached_attention(const Tensor& q, const CachedKeys& cache, const Rows& rows, const AttentionOptions& options) {
  HEDDLE_CHECK(!options.dropout.active(), "attention over a cache has no dropout: it is not trained through");
  check_head_masks(options);
  const int64_t key_heads = options.of_keys(), key_width = q.width() / options.heads;
  const int64_t value_width =
      cache.values_are_keys ? key_width : (cache.rows.width() - key_heads * key_width) / key_heads;
  const int64_t out_width = value_width * options.heads;
  Tensor out = new_tensor({q.rows(), out_width}, q.dtype());
  const Tensor log_sum = new_tensor({q.rows(), options.heads}, q.dtype());
  const Int32s zeros(std::ssize(cache.length));
  std::ranges::fill(zeros.values(), 0);
  with_real_type(q.dtype(), [&]<class T>(T) {
    kernels::AttentionPlan<T> plan;
    KernelTerm<T> term(options.term, options.heads, key_width, options.scale, nullptr);
    kernels::KeySource<T> source;
    term.meet(options.additive, options.heads, static_cast<int>(key_heads), source, {}, nullptr);
    term.limit(options.span, nullptr);
    plan.query_heads = options.heads;
    plan.key_heads = static_cast<int>(key_heads);
    plan.key_width = key_width;
    plan.value_width = value_width;
    plan.scale = static_cast<T>(options.scale);
    plan.probe = probe_for<T>(options.probe);
    plan.terms = term.list();
    source.keys = cache.rows.strided_data<T>();
    source.values = source.keys + (cache.values_are_keys ? 0 : key_heads * key_width);
    source.key_stride = source.value_stride = cache.rows.row_stride();
    source.begin = zeros.values();
    source.length = cache.length;
    source.block_table = cache.table;
    source.block_begin = cache.table_begin;
    source.query_start = rows.position;
    source.mask = options.mask;
    source.head_masks = options.head_masks;
    with_sink<T>(options, plan, out, log_sum, [&] {
      kernels::attention(plan, {q.strided_data<T>(), q.row_stride(), rows.offsets}, {&source, 1}, out.data<T>(),
                         out_width, log_sum.data<T>(), attention_scratch());
    });
  });
  return out;
}

}  // namespace heddle::ops
