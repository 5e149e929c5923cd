#pragma once
// What the differentiable attentions share: from tensors and options to a call of the kernel, and from its gradients to
// the tape.

#include "heddle/ops/attention.h"
#include "heddle/ops/attention_sink.h"
#include "heddle/ops/attention_term.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

// Keys and values of one source, [rows, key_heads·width], or their gradients. Query sequence i reads of_query[i]
// (empty: i).
struct KeysAndValues {
  Tensor key, value;
  Rows rows = {};
  std::span<const int32_t> of_query = {};
};

struct AttentionResult {
  Tensor out, log_sum;
  Tensor counts;  // new_counts()
};

// One softmax over one source or two. Masks, positions and spans are of the first; the second is seen as a whole.
AttentionResult run_attention(const Tensor& q, std::span<const KeysAndValues> sources, const Rows& query_rows,
                              const AttentionOptions& options);

// dq is written, `gradients` of the sources are added to.
void run_attention_backward(const Tensor& q, std::span<const KeysAndValues> sources, const Rows& query_rows,
                            const AttentionOptions& options, const AttentionResult& made, const Tensor& dout,
                            const Tensor& dq, std::span<const KeysAndValues> gradients, const TermGradients* terms);

// What of a result waits on the tape.
struct SavedResult {
  Saved out, log_sum, counts;
  AttentionResult load() const;
};
SavedResult save_result(Tape& tape, const AttentionResult& result);

// What waits for the backward pass: the options without their place on the tape.
AttentionOptions off_tape(AttentionOptions options);

// Runs a backward pass, run(term gradients or null), and hands the gradients of AttentionOptions::learned(), the inputs
// from `input` on, to the tape.
template <class Run>
void with_learned_gradients(Backward& b, int input, const AttentionOptions& options, const AttentionResult& made,
                            Run&& run) {
  if (options.has_learned_terms()) {
    const TermGradients terms(b, input, options);
    run(&terms);
    terms.deliver(b);
  } else {
    run(nullptr);
  }
  if (options.sink.defined()) pass_sink_gradient(b, input + 4, options.sink, made.out, made.log_sum, b.gradient(0));
}

inline Tensor zeros_like(const Saved& saved) { return new_zeros(saved.shape, saved.dtype); }

// Runs the kernel, call(), and puts the sink in, if there is one.
template <class T, class Run>
void with_sink(const AttentionOptions& options, kernels::AttentionPlan<T>& plan, const AttentionResult& result,
               Run&& run) {
  if (!options.sink.defined()) return run();
  std::optional<SinkProbe<T>> probe;
  if (plan.probe) plan.probe = &probe.emplace(*plan.probe, options.sink.data<T>());
  run();
  add_sink(options.sink, result.out, result.log_sum, probe.has_value());
}

void check_head_masks(const AttentionOptions& options);

}  // namespace heddle::ops
