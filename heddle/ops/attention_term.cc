#include "heddle/ops/attention_term.h"

#include <algorithm>

#include "heddle/base/thread_loop.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/product.h"

namespace heddle::ops {

TermGradients::TermGradients(Backward& b, int table_input, const AttentionOptions& options)
    : table_input_(table_input), heads_(options.heads), by_sequence_(!b.sink().groups(b.rows()).empty()) {
  std::ranges::copy_n(options.learned().begin(), std::ssize(parameters_), parameters_.begin());
  parameters_[0] = options.term.table;
  basis_ = options.term.basis;
  factor_ = options.term.factor;
  const int64_t pieces = by_sequence_ ? b.rows().sequences() * heads_ : int64_t{thread_count()};
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (parameters_[i].defined() && b.wants(table_input + static_cast<int>(i)))
      pieces_[i] = new_zeros({pieces, parameters_[i].count()}, parameters_[i].dtype());
}

void TermGradients::deliver(Backward& b) const {
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (!pieces_[i].defined()) continue;
    if (i == 0 && factor_.defined()) add_factor(b);
    else add(b, table_input_ + static_cast<int>(i), parameters_[i], pieces_[i]);
  }
}

void TermGradients::add_pieces(const Backward& b, const Tensor& pieces, int64_t begin, int64_t end,
                               const Tensor& sum) const {
  with_real_type(pieces.dtype(), [&]<class T>(T) {
    const auto into = sum.span<T>();
    for (int64_t piece = 0; piece < pieces.rows(); ++piece) {
      if (by_sequence_) {
        const auto s = static_cast<size_t>(piece / heads_);
        if (b.rows().offsets[s] < begin || b.rows().offsets[s + 1] > end) continue;
      }
      const T* part = pieces.data<T>() + piece * pieces.width();
      for (size_t i = 0; i < into.size(); ++i) into[i] += part[i];
    }
  });
}

// dF = d(table)ᵀ·basis.
void TermGradients::add_factor(Backward& b) const {
  b.parameter(table_input_, factor_.shape(), factor_.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
    const Tensor of_table = new_zeros(parameters_[0].shape(), parameters_[0].dtype());
    add_pieces(b, pieces_[0], begin, end, of_table);
    product_into(of_table, basis_, Transposed::a, Compute::f32, slot, true);
  });
}

void TermGradients::add(Backward& b, int input, const Tensor& parameter, const Tensor& pieces) const {
  b.parameter(input, parameter.shape(), parameter.dtype(),
              [&](const Tensor& slot, int64_t begin, int64_t end) { add_pieces(b, pieces, begin, end, slot); });
}

}  // namespace heddle::ops
