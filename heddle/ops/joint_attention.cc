#include "heddle/ops/joint_attention.h"

namespace heddle::ops {

Tensor joint_attention(const Tensor& q, const KeysAndValues& own, const KeysAndValues& beside, const Rows& query_rows,
                       const AttentionOptions& options) {
  const std::array sources = {own, beside};
  AttentionResult result = run_attention(q, sources, query_rows, options);
  const std::array w = options.learned();
  if (Tape* tape = recording({&q, &own.key, &own.value, &beside.key, &beside.value, &w[0], &w[1], &w[2], &w[3], &w[4]}))
    tape->record({&q, &own.key, &own.value, &beside.key, &beside.value, &w[0], &w[1], &w[2], &w[3], &w[4]},
                 {&result.out}, query_rows,
                 [q = tape->save(q), k = tape->save(own.key), v = tape->save(own.value), k2 = tape->save(beside.key),
                  v2 = tape->save(beside.value), saved = save_result(*tape, result), rows = own.rows,
                  rows2 = beside.rows, of_query = beside.of_query, options = off_tape(options)](Backward& b) {
      const Tensor dq = zeros_like(q);
      const std::array keys = {KeysAndValues{k.load(), v.load(), rows},
                               KeysAndValues{k2.load(), v2.load(), rows2, of_query}},
                       gradients = {KeysAndValues{zeros_like(k), zeros_like(v)},
                                    KeysAndValues{zeros_like(k2), zeros_like(v2)}};
      const AttentionResult made = saved.load();
      with_learned_gradients(b, 5, options, made, [&](const TermGradients* terms) {
        run_attention_backward(q.load(), keys, b.rows(), options, made, b.gradient(0), dq, gradients, terms);
      });
      if (b.wants(0)) b.pass(0, dq);
      if (b.wants(1)) b.pass(1, gradients[0].key);
      if (b.wants(2)) b.pass(2, gradients[0].value);
      if (b.wants(3)) b.pass(3, gradients[1].key);
      if (b.wants(4)) b.pass(4, gradients[1].value);
    });
  return result.out;
}

}  // namespace heddle::ops
