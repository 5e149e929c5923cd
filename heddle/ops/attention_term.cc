#include "heddle/ops/attention_term.h"

#include <algorithm>

#include "heddle/base/thread_loop.h"
#include "heddle/ops/dispatch.h"

namespace heddle::ops {

TermGradients::TermGradients(Backward& b, int table_input, const AttentionOptions& options)
    : table_input_(table_input), heads_(options.heads), by_sequence_(!b.sink().groups(b.rows()).empty()) {
  std::ranges::copy_n(options.learned().begin(), std::ssize(parameters_), parameters_.begin());
  const int64_t pieces = by_sequence_ ? b.rows().sequences() * heads_ : int64_t{thread_count()};
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (parameters_[i].defined() && b.wants(table_input + static_cast<int>(i)))
      pieces_[i] = new_zeros({pieces, parameters_[i].count()}, parameters_[i].dtype());
}

void TermGradients::deliver(Backward& b) const {
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (pieces_[i].defined()) add(b, table_input_ + static_cast<int>(i), parameters_[i], pieces_[i]);
}

void TermGradients::add(Backward& b, int input, const Tensor& parameter, const Tensor& pieces) const {
  b.parameter(input, parameter.shape(), parameter.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
    with_real_type(pieces.dtype(), [&]<class T>(T) {
      const auto sum = slot.span<T>();
      for (int64_t piece = 0; piece < pieces.rows(); ++piece) {
        if (by_sequence_) {
          const auto s = static_cast<size_t>(piece / heads_);
          if (b.rows().offsets[s] < begin || b.rows().offsets[s + 1] > end) continue;
        }
        const T* part = pieces.data<T>() + piece * pieces.width();
        for (size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
      }
    });
  });
}

}  // namespace heddle::ops
