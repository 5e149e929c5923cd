#pragma once
// From a PositionTerm to the kernel's score term, and from the gradients that the kernel leaves in pieces to the tape.

#include <array>
#include <optional>
#include <variant>

#include "heddle/kernels/position_terms/distance_bias.h"
#include "heddle/kernels/position_terms/distance_key.h"
#include "heddle/kernels/position_terms/distance_slope.h"
#include "heddle/kernels/score_terms/additive_score.h"
#include "heddle/kernels/score_terms/gumbel_noise.h"
#include "heddle/kernels/score_terms/soft_span.h"
#include "heddle/ops/attention.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

// Pieces of the gradients of a term's table and shift, of an additive score's v and of the spans: one for each thread,
// or for each head of each sequence where the sink keeps groups apart. They are four inputs in a row, from table_input
// on, as AttentionOptions::learned() has them.
class TermGradients {
 public:
  TermGradients(Backward& b, int table_input, const AttentionOptions& options);

  template <class T>
  kernels::TermParts<T> table() const {
    return parts<T>(0);
  }
  template <class T>
  kernels::TermParts<T> shift() const {
    return parts<T>(1);
  }
  template <class T>
  kernels::TermParts<T> additive() const {
    return parts<T>(2);
  }
  template <class T>
  kernels::TermParts<T> spans() const {
    return parts<T>(3);
  }
  // Adds the pieces up, in order, to the inputs from table_input on.
  void deliver(Backward& b) const;

 private:
  template <class T>
  kernels::TermParts<T> parts(size_t i) const {
    if (!pieces_[i].defined()) return {};
    return {pieces_[i].data<T>(), parameters_[i].count(), by_sequence_, heads_};
  }
  void add(Backward& b, int input, const Tensor& parameter, const Tensor& pieces) const;

  int table_input_, heads_;
  bool by_sequence_;
  std::array<Tensor, 4> parameters_, pieces_;  // pieces [pieces, elements of the parameter]
};

// The kernel's terms in place; not to be moved.
template <class T>
class KernelTerm {
 public:
  KernelTerm(const PositionTerm& term, int heads, int64_t key_width, double scale, const TermGradients* gradients) {
    switch (term.kind) {
      case PositionTerm::Kind::none: return;
      case PositionTerm::Kind::slope: use(&term_.template emplace<kernels::DistanceSlope<T>>(term.slopes)); return;
      case PositionTerm::Kind::bias:
        use(&term_.template emplace<kernels::DistanceBias<T>>(
            term.table.data<T>(), heads, term.buckets, term.reach,
            gradients ? gradients->table<T>() : kernels::TermParts<T>{}));
        return;
      case PositionTerm::Kind::key: {
        kernels::DistanceKeys<T> keys;
        keys.r = term.table.data<T>();
        keys.shift = term.shift.defined() ? term.shift.data<T>() : nullptr;
        keys.width = key_width;
        keys.heads = heads;
        keys.per_head = term.table.width() != key_width || heads == 1;
        keys.low = term.low;
        keys.high = term.high;
        keys.scale = static_cast<T>(scale);
        if (gradients) {
          keys.gradients = gradients->table<T>();
          keys.shift_gradients = gradients->shift<T>();
        }
        use(&term_.template emplace<kernels::DistanceKey<T>>(keys));
        return;
      }
    }
  }
  KernelTerm(const KernelTerm&) = delete;

  // An additive score between the queries and the keys of `source`, which lives as long; `keys`: where their gradients
  // go.
  void meet(const Tensor& v, int heads, int key_heads, const kernels::KeySource<T>& source,
            const kernels::KeyGradients<T>& keys, const TermGradients* gradients) {
    if (!v.defined()) return;
    use(&additive_.emplace(
        kernels::AdditiveWeights<T>{.v = v.data<T>(),
                                    .width = v.count() / heads,
                                    .queries_of_key = heads / key_heads,
                                    .gradients = gradients ? gradients->additive<T>() : kernels::TermParts<T>{}},
        source, keys));
  }

  void limit(const SpanTerm& span, const TermGradients* gradients) {
    if (!span.logits.defined()) return;
    use(&span_.emplace(kernels::Spans<T>{.logits = span.logits.data<T>(),
                                         .longest = static_cast<T>(span.longest),
                                         .ramp = static_cast<T>(span.ramp),
                                         .gradients = gradients ? gradients->spans<T>() : kernels::TermParts<T>{}}));
  }

  void disturb(const kernels::NoiseKey& noise) {
    if (noise.example) use(&noise_.emplace(noise));
  }

  std::span<const kernels::ScoreTerm<T>* const> list() const { return std::span(pointers_).first(count_); }

 private:
  void use(const kernels::ScoreTerm<T>* term) { pointers_[count_++] = term; }

  std::variant<std::monostate, kernels::DistanceSlope<T>, kernels::DistanceBias<T>, kernels::DistanceKey<T>> term_;
  std::optional<kernels::AdditiveScore<T>> additive_;
  std::optional<kernels::SoftSpan<T>> span_;
  std::optional<kernels::GumbelNoise<T>> noise_;
  std::array<const kernels::ScoreTerm<T>*, 4> pointers_ = {};
  size_t count_ = 0;
};

}  // namespace heddle::ops
