#pragma once
// Reads and replaces the scores and weights of an attention, whatever the precision.

#include <type_traits>

#include "heddle/kernels/attention.h"

namespace heddle::ops {

class AttentionProbe {
 public:
  virtual ~AttentionProbe() = default;
  virtual kernels::AttentionProbe<float>* f32() = 0;
  virtual kernels::AttentionProbe<double>* f64() = 0;
};

// The side of a probe for one precision; null for no probe.
template <class T>
kernels::AttentionProbe<T>* probe_for(AttentionProbe* probe) {
  if (!probe) return nullptr;
  if constexpr (std::is_same_v<T, float>) return probe->f32();
  else return probe->f64();
}

// The usual case: one generic body for both, called with (sequence, head, rows, columns, values).
template <class OnScores, class OnWeights>
class AttentionProbeOf : public AttentionProbe {
 public:
  AttentionProbeOf(OnScores on_scores, OnWeights on_weights)
      : f32_(on_scores, on_weights), f64_(on_scores, on_weights) {}
  kernels::AttentionProbe<float>* f32() override { return &f32_; }
  kernels::AttentionProbe<double>* f64() override { return &f64_; }

 private:
  template <class T>
  struct Typed : kernels::AttentionProbe<T> {
    Typed(OnScores s, OnWeights w) : on_scores(s), on_weights(w) {}
    void scores(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) override {
      on_scores(sequence, head, rows, columns, values);
    }
    void weights(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) override {
      on_weights(sequence, head, rows, columns, values);
    }
    OnScores on_scores;
    OnWeights on_weights;
  };
  Typed<float> f32_;
  Typed<double> f64_;
};

}  // namespace heddle::ops
