#pragma once
// A sink in the softmax of attention: a learned score for each head that joins the sum of every row, Σ_j e^s_ij + e^b,
// and has no value. Rows attend to nothing as much as they like.
//
// It is put in after the fact: outputs get the factor σ(log-sum - b), and with the log-sum that counts the sink the
// backward pass of plain attention is that of attention with it.

#include "heddle/ops/attention_probe.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

// out [rows, heads·width] and log_sum [rows, heads] in double of plain attention become those with the sink [heads];
// `mixed`: whether the outputs were made of weights that count it already.
void add_sink(const Tensor& sink, const Tensor& out, const Tensor& log_sum, bool mixed);

// The sink's gradient, input `input`: -Σ_i e^(b - log_sum_i)·(out_i·dout_i).
void pass_sink_gradient(Backward& b, int input, const Tensor& sink, const Tensor& out, const Tensor& log_sum,
                        const Tensor& dout);

// What a probe sees of weights beside a sink: those that count it.
template <class T>
class SinkProbe : public kernels::AttentionProbe<T> {
 public:
  SinkProbe(kernels::AttentionProbe<T>& inner, const T* sink) : inner_(inner), sink_(sink) {}
  void scores(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) override;
  void weights(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) override;

 private:
  kernels::AttentionProbe<T>& inner_;
  const T* sink_;
  std::vector<T> share_;  // of the keys in each row's sum
};

}  // namespace heddle::ops
