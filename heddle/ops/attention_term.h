#pragma once
// From a PositionTerm to the kernel's score term, and from the gradients that the kernel leaves in pieces to the tape.

#include <array>
#include <optional>

#include "heddle/kernels/position_terms/contextual_position.h"
#include "heddle/kernels/position_terms/distance_bias.h"
#include "heddle/kernels/position_terms/distance_key.h"
#include "heddle/kernels/position_terms/distance_slope.h"
#include "heddle/kernels/score_terms/additive_score.h"
#include "heddle/kernels/score_terms/gumbel_noise.h"
#include "heddle/kernels/score_terms/of_own_sources.h"
#include "heddle/kernels/score_terms/soft_span.h"
#include "heddle/ops/attention.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

// Pieces of the gradients of a term's table and shift, of an additive score's v and of the spans: one for each thread,
// or for each head of each sequence where the sink keeps groups apart. They are four inputs in a row, from table_input
// on, as AttentionOptions::learned() has them; that of a table which is made stands for its factor.
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
  void add_factor(Backward& b) const;
  // The pieces of rows [begin, end) are added to the numbers of `sum`.
  void add_pieces(const Backward& b, const Tensor& pieces, int64_t begin, int64_t end, const Tensor& sum) const;

  int table_input_, heads_;
  bool by_sequence_;
  std::array<Tensor, 4> parameters_, pieces_;  // pieces [pieces, elements of the parameter]
  Tensor basis_, factor_;                      // undefined: the table is a parameter
};

// Memory for what positions by context count of each query, [rows, heads·2]; undefined with other positions.
inline Tensor new_counts(const AttentionOptions& options, int64_t rows) {
  static_assert(sizeof(kernels::ContextCount) == 2 * sizeof(double));
  if (options.term.kind != PositionTerm::Kind::context) return {};
  return new_zeros({rows, options.heads * int64_t{2}}, DType::f64);
}

// The kernel's terms in place; not to be moved.
template <class T>
class KernelTerm {
 public:
  // What speaks of distances speaks of the first `own_sources` alone.
  KernelTerm(const AttentionOptions& options, int64_t key_width, int64_t own_sources, const TermGradients* gradients)
      : own_sources_(own_sources), key_width_(key_width) {
    locate(options, key_width, gradients);
    limit(options.span, gradients);
  }
  KernelTerm(const KernelTerm&) = delete;

  // Positions by context, which count the scores as the terms before leave them. new_counts(): the forward pass writes
  // them, and a backward pass (`counted`) reads them. The numbers of the queries live as long.
  void count(const AttentionOptions& options, const Rows& query_rows, std::span<const int32_t> query_start,
             const Tensor& counts, bool counted, const TermGradients* gradients) {
    const PositionTerm& term = options.term;
    if (term.kind != PositionTerm::Kind::context) return;
    HEDDLE_CHECK(options.mask == kernels::Mask::causal() && options.head_masks.empty(),
                 "positions by context count all keys up to the query: the mask must be causal");
    HEDDLE_CHECK(term.table.rows() >= 2 && term.table.width() == key_width_,
                 "a table {} for positions by context; expected at least 2 rows, {} wide", term.table.shape().text(),
                 key_width_);
    state_ = new_zeros({query_rows.count(), options.heads * int64_t{2}}, DType::f64);
    use_of_own(&context_.emplace(
        kernels::ContextualPositions<T>{.e = term.table.data<T>(),
                                        .positions = term.table.rows(),
                                        .width = term.table.width(),
                                        .heads = options.heads,
                                        .offsets = query_rows.offsets,
                                        .query_start = query_start,
                                        .counts = reinterpret_cast<kernels::ContextCount*>(counts.data<double>()),
                                        .state = state_.data<double>(),
                                        .counted = counted,
                                        .gradients = gradients ? gradients->table<T>() : kernels::TermParts<T>{}}));
  }

  // An additive score between the queries and the keys of the sources, an array that lives as long; `keys`: where their
  // gradients go, source by source; null: nowhere.
  void meet(const AttentionOptions& options, const kernels::KeySource<T>* sources, const kernels::KeyGradients<T>* keys,
            const TermGradients* gradients) {
    const Tensor& v = options.additive;
    if (!v.defined()) return;
    use(&additive_.emplace(
        kernels::AdditiveWeights<T>{.v = v.data<T>(),
                                    .width = v.count() / options.heads,
                                    .queries_of_key = options.heads / options.of_keys(),
                                    .gradients = gradients ? gradients->additive<T>() : kernels::TermParts<T>{}},
        sources, keys));
  }

  void disturb(const kernels::NoiseKey& noise) {
    if (noise.example) use(&noise_.emplace(noise));
  }

  std::span<const kernels::ScoreTerm<T>* const> list() const { return std::span(pointers_).first(count_); }

 private:
  void locate(const AttentionOptions& options, int64_t key_width, const TermGradients* gradients) {
    const PositionTerm& term = options.term;
    switch (term.kind) {
      case PositionTerm::Kind::none:
      case PositionTerm::Kind::context: return;  // count()
      case PositionTerm::Kind::slope: use_of_own(&slope_.emplace(term.slopes)); return;
      case PositionTerm::Kind::bias:
        use_of_own(&bias_.emplace(term.table.data<T>(), options.heads, term.buckets, term.reach,
                                  gradients ? gradients->table<T>() : kernels::TermParts<T>{}));
        return;
      case PositionTerm::Kind::key: {
        kernels::DistanceKeys<T> keys;
        keys.r = term.table.data<T>();
        keys.shift = term.shift.defined() ? term.shift.data<T>() : nullptr;
        keys.width = key_width;
        keys.heads = options.heads;
        keys.per_head = term.table.width() != key_width || options.heads == 1;
        keys.low = term.low;
        keys.high = term.high;
        keys.scale = static_cast<T>(options.scale);
        if (gradients) {
          keys.gradients = gradients->table<T>();
          keys.shift_gradients = gradients->shift<T>();
        }
        use_of_own(&key_.emplace(keys));
        return;
      }
    }
  }
  void limit(const SpanTerm& span, const TermGradients* gradients) {
    if (!span.logits.defined()) return;
    use_of_own(
        &span_.emplace(kernels::Spans<T>{.logits = span.logits.data<T>(),
                                         .longest = static_cast<T>(span.longest),
                                         .ramp = static_cast<T>(span.ramp),
                                         .gradients = gradients ? gradients->spans<T>() : kernels::TermParts<T>{}}));
  }

  void use_of_own(const kernels::ScoreTerm<T>* term) {
    kernels::OfOwnSources<T>& place = of_own_.at(own_count_++);
    place = {term, own_sources_};
    use(&place);
  }
  void use(const kernels::ScoreTerm<T>* term) { pointers_[count_++] = term; }

  int64_t own_sources_, key_width_;
  std::optional<kernels::DistanceSlope<T>> slope_;
  std::optional<kernels::DistanceBias<T>> bias_;
  std::optional<kernels::DistanceKey<T>> key_;
  std::optional<kernels::ContextualPosition<T>> context_;
  Tensor state_;  // of it
  std::optional<kernels::AdditiveScore<T>> additive_;
  std::optional<kernels::SoftSpan<T>> span_;
  std::optional<kernels::GumbelNoise<T>> noise_;
  std::array<kernels::OfOwnSources<T>, 2> of_own_;  // a position and a span
  size_t own_count_ = 0;
  std::array<const kernels::ScoreTerm<T>*, 4> pointers_ = {};
  size_t count_ = 0;
};

}  // namespace heddle::ops
