#include "heddle/ops/attention_term.h"

#include "heddle/base/thread_loop.h"
#include "heddle/ops/dispatch.h"

namespace heddle::ops {

TermGradients::TermGradients(Backward& b, int table_input, const PositionTerm& term, int heads)
    : heads_(heads),
      by_sequence_(!b.sink().groups(b.rows()).empty()),
      table_size_(term.table.defined() ? term.table.count() : 0),
      shift_size_(term.shift.defined() ? term.shift.count() : 0) {
  const int64_t pieces = by_sequence_ ? b.rows().sequences() * heads : int64_t{thread_count()};
  if (term.table.defined() && b.wants(table_input)) table_ = new_zeros({pieces, table_size_}, term.table.dtype());
  if (term.shift.defined() && b.wants(table_input + 1)) shift_ = new_zeros({pieces, shift_size_}, term.shift.dtype());
}

void TermGradients::deliver(Backward& b, int table_input, const PositionTerm& term) const {
  if (table_.defined()) add(b, table_input, term.table, table_);
  if (shift_.defined()) add(b, table_input + 1, term.shift, shift_);
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
