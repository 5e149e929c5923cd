#include "heddle/ops/concatenate.h"

#include "heddle/ops/tape.h"

namespace heddle::ops {

Tensor concatenate(const Tensor& a, const Tensor& b, const Rows& rows) {
  HEDDLE_CHECK(a.rows() == b.rows() && a.dtype() == b.dtype(), "{} and {} do not fit side by side", a.shape().text(),
               b.shape().text());
  const int64_t middle = a.width(), end = middle + b.width();
  Tensor y = new_tensor({a.rows(), end}, a.dtype());
  copy_into(a, y.column_range(0, middle));
  copy_into(b, y.column_range(middle, end));
  if (Tape* tape = recording({&a, &b}))
    tape->record({&a, &b}, {&y}, rows, [middle, end](Backward& back) {
      const Tensor& dy = back.gradient(0);
      const auto of_columns = [&](int input, int64_t from, int64_t to) {
        if (!back.wants(input)) return;
        const Tensor part = new_tensor({dy.rows(), to - from}, dy.dtype());
        copy_into(dy.column_range(from, to), part);
        back.pass(input, part);
      };
      of_columns(0, 0, middle);
      of_columns(1, middle, end);
    });
  return y;
}

}  // namespace heddle::ops
