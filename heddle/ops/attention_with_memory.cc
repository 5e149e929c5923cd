#include "heddle/ops/attention_with_memory.h"

#include "heddle/ops/accumulate.h"
#include "heddle/ops/attention_call.h"

namespace heddle::ops {

Tensor attention_with_memory(const Tensor& q, const MaskedKeys& own, const MaskedKeys& memory, const Rows& rows,
                             const AttentionOptions& options) {
  HEDDLE_CHECK(options.term.kind != PositionTerm::Kind::context,
               "a memory leaves out keys that positions by context count");
  const KeysAndValues all = {own.key, own.value, rows};
  AttentionResult result = run_attention(q, {&all, 1}, rows, options);
  const std::array w = options.learned();
  if (Tape* tape = recording({&q, &own.key, &own.value, &memory.key, &memory.value, &w[0], &w[1], &w[2], &w[3], &w[4]}))
    tape->record(
        {&q, &own.key, &own.value, &memory.key, &memory.value, &w[0], &w[1], &w[2], &w[3], &w[4]}, {&result.out}, rows,
        [q = tape->save(q), k = tape->save(own.key), v = tape->save(own.value), saved = save_result(*tape, result),
         options = off_tape(options), of_own = own.mask, of_memory = memory.mask](Backward& b) {
      const Tensor dq = zeros_like(q), dq_of_memory = zeros_like(q);
      const KeysAndValues keys = {k.load(), v.load(), b.rows()}, to_own = {zeros_like(k), zeros_like(v)},
                          to_memory = {zeros_like(k), zeros_like(v)};
      const AttentionResult made = saved.load();
      // The gradient of a score hangs on the row's sum alone: masks that share out the keys share out the backward
      // pass.
      with_learned_gradients(b, 5, options, made, [&](const TermGradients* terms) {
        AttentionOptions part = options;
        part.mask = of_own;
        run_attention_backward(q.load(), {&keys, 1}, b.rows(), part, made, b.gradient(0), dq, {&to_own, 1}, terms);
        part.mask = of_memory;
        run_attention_backward(q.load(), {&keys, 1}, b.rows(), part, made, b.gradient(0), dq_of_memory, {&to_memory, 1},
                               terms);
      });
      accumulate(dq_of_memory, dq);
      if (b.wants(0)) b.pass(0, dq);
      if (b.wants(1)) b.pass(1, to_own.key);
      if (b.wants(2)) b.pass(2, to_own.value);
      if (b.wants(3)) b.pass(3, to_memory.key);
      if (b.wants(4)) b.pass(4, to_memory.value);
        });
  return result.out;
}

}  // namespace heddle::ops
