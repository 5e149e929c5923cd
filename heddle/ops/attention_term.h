#pragma once
// From a PositionTerm to the kernel's score term, and from the gradients that the kernel leaves in pieces to the tape.

#include <variant>

#include "heddle/kernels/position_terms/distance_bias.h"
#include "heddle/kernels/position_terms/distance_key.h"
#include "heddle/kernels/position_terms/distance_slope.h"
#include "heddle/ops/position_term.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

// Pieces of the gradients of a term's table and shift: one for each thread, or for each head of each sequence where the
// sink keeps groups apart.
class TermGradients {
 public:
  TermGradients(Backward& b, int table_input, const PositionTerm& term, int heads);

  template <class T>
  kernels::TermParts<T> table() const {
    return parts<T>(table_, table_size_);
  }
  template <class T>
  kernels::TermParts<T> shift() const {
    return parts<T>(shift_, shift_size_);
  }
  // Adds the pieces up, in order, to the inputs table_input and table_input + 1.
  void deliver(Backward& b, int table_input, const PositionTerm& term) const;

 private:
  template <class T>
  kernels::TermParts<T> parts(const Tensor& memory, int64_t size) const {
    if (!memory.defined()) return {};
    return {memory.data<T>(), size, by_sequence_, heads_};
  }
  void add(Backward& b, int input, const Tensor& parameter, const Tensor& pieces) const;

  int heads_;
  bool by_sequence_;
  int64_t table_size_, shift_size_;
  Tensor table_, shift_;  // [pieces, size]
};

// The kernel's term in place; not to be moved once list() was called.
template <class T>
class KernelTerm {
 public:
  KernelTerm(const PositionTerm& term, int heads, int64_t key_width, double scale, const TermGradients* gradients) {
    switch (term.kind) {
      case PositionTerm::Kind::none: return;
      case PositionTerm::Kind::slope:
        pointer_ = &term_.template emplace<kernels::DistanceSlope<T>>(term.slopes);
        return;
      case PositionTerm::Kind::bias:
        pointer_ = &term_.template emplace<kernels::DistanceBias<T>>(
            term.table.data<T>(), heads, term.buckets, term.reach,
            gradients ? gradients->table<T>() : kernels::TermParts<T>{});
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
        pointer_ = &term_.template emplace<kernels::DistanceKey<T>>(keys);
        return;
      }
    }
  }
  KernelTerm(const KernelTerm&) = delete;

  std::span<const kernels::ScoreTerm<T>* const> list() const {
    return {&pointer_, static_cast<size_t>(pointer_ ? 1 : 0)};
  }

 private:
  std::variant<std::monostate, kernels::DistanceSlope<T>, kernels::DistanceBias<T>, kernels::DistanceKey<T>> term_;
  const kernels::ScoreTerm<T>* pointer_ = nullptr;
};

}  // namespace heddle::ops
