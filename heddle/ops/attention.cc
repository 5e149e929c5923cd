#include "heddle/ops/attention.h"

#include "heddle/ops/attention_call.h"

namespace heddle::ops {
namespace {

// A source of the options' own of_query.
KeysAndValues source_of(const Tensor& key, const Tensor& value, const Rows& rows, const AttentionOptions& options) {
  return {key, value, rows, options.of_query};
}

}  // namespace

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const Rows& query_rows, const Rows& key_rows,
                 const AttentionOptions& options) {
  const KeysAndValues source = source_of(k, v, key_rows, options);
  AttentionResult result = run_attention(q, {&source, 1}, query_rows, options);
  const std::array w = options.learned();
  if (Tape* tape = recording({&q, &k, &v, &w[0], &w[1], &w[2], &w[3], &w[4]}))
    tape->record({&q, &k, &v, &w[0], &w[1], &w[2], &w[3], &w[4]}, {&result.out}, query_rows,
                 [q = tape->save(q), k = tape->save(k), v = tape->save(v), saved = save_result(*tape, result), key_rows,
                  options = off_tape(options)](Backward& b) {
      const Tensor dq = zeros_like(q);
      const KeysAndValues keys = source_of(k.load(), v.load(), key_rows, options),
                          gradients = {zeros_like(k), zeros_like(v)};
      const AttentionResult made = saved.load();
      with_learned_gradients(b, 3, options, made, [&](const TermGradients* terms) {
        run_attention_backward(q.load(), {&keys, 1}, b.rows(), options, made, b.gradient(0), dq, {&gradients, 1},
                               terms);
      });
      if (b.wants(0)) b.pass(0, dq);
      if (b.wants(1)) b.pass(1, gradients.key);
      if (b.wants(2)) b.pass(2, gradients.value);
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
  const auto queries = [key](const Tensor& t) { return t.column_range(0, key); };
  const auto rest = [key, value](const Tensor& t, const Rows& of) {
    return KeysAndValues{t.column_range(key, value), t.column_range(value, t.width()), of};
  };
  const KeysAndValues source = rest(qkv, rows);
  AttentionResult result = run_attention(queries(qkv), {&source, 1}, rows, options);
  const std::array w = options.learned();
  if (Tape* tape = recording({&qkv, &w[0], &w[1], &w[2], &w[3], &w[4]}))
    tape->record({&qkv, &w[0], &w[1], &w[2], &w[3], &w[4]}, {&result.out}, rows,
                 [qkv = tape->save(qkv), saved = save_result(*tape, result), options = off_tape(options), queries,
                  rest](Backward& b) {
      const Tensor all = qkv.load(), dall = zeros_like(qkv);
      const KeysAndValues keys = rest(all, b.rows()), gradients = rest(dall, b.rows());
      const AttentionResult made = saved.load();
      with_learned_gradients(b, 1, options, made, [&](const TermGradients* terms) {
        run_attention_backward(queries(all), {&keys, 1}, b.rows(), options, made, b.gradient(0), queries(dall),
                               {&gradients, 1}, terms);
      });
      if (b.wants(0)) b.pass(0, dall);
    });
  return result.out;
}

Tensor cross_attention(const Tensor& q, const Tensor& key_value, const Rows& query_rows, const Rows& key_rows,
                       const AttentionOptions& options) {
  HEDDLE_CHECK(!options.term.exists() && !options.span.logits.defined() && !options.additive.defined(),
               "positions of two sequences have no distance, and an additive score reads queries and keys apart");
  const auto halves = [inner = key_value.width() / 2](const Tensor& t, const Rows& of, const AttentionOptions& how) {
    return source_of(t.column_range(0, inner), t.column_range(inner, 2 * inner), of, how);
  };
  const KeysAndValues source = halves(key_value, key_rows, options);
  AttentionResult result = run_attention(q, {&source, 1}, query_rows, options);
  const std::array w = options.learned();
  if (Tape* tape = recording({&q, &key_value, &w[4]}))
    tape->record({&q, &key_value, &w[0], &w[1], &w[2], &w[3], &w[4]}, {&result.out}, query_rows,
                 [q = tape->save(q), kv = tape->save(key_value), saved = save_result(*tape, result), key_rows,
                  options = off_tape(options), halves](Backward& b) {
      const Tensor dq = zeros_like(q), dall = zeros_like(kv);
      const KeysAndValues keys = halves(kv.load(), key_rows, options), gradients = halves(dall, key_rows, options);
      const AttentionResult made = saved.load();
      with_learned_gradients(b, 2, options, made, [&](const TermGradients* terms) {
        run_attention_backward(q.load(), {&keys, 1}, b.rows(), options, made, b.gradient(0), dq, {&gradients, 1},
                               terms);
      });
      if (b.wants(0)) b.pass(0, dq);
      if (b.wants(1)) b.pass(1, dall);
    });
  return result.out;
}

}  // namespace heddle::ops
