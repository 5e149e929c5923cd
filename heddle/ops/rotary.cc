#include "heddle/ops/rotary.h"

#include "heddle/kernels/rotary.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

Tensor turned(const Tensor& x, int64_t columns, int64_t head_width, const RotaryTable& table, const Rows& rows,
              bool back) {
  const Tensor y = new_tensor(x.shape(), x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    const kernels::RotaryRows<T> turn = {
        x.rows(), columns / head_width, head_width, rows.position.data(), table.cosine.data<T>(), table.sine.data<T>()};
    kernels::rotate(turn, x.strided_data<T>(), x.row_stride(), y.data<T>(), y.width(), back);
  });
  if (columns < x.width()) copy_into(x.column_range(columns, x.width()), y.column_range(columns, x.width()));
  return y;
}

}  // namespace

Tensor rotate(const Tensor& x, int64_t columns, int64_t head_width, const RotaryTable& table, const Rows& rows) {
  HEDDLE_CHECK(head_width % 2 == 0 && columns % head_width == 0 && columns <= x.width() &&
                   table.cosine.width() == head_width / 2,
               "{} columns of {} in heads of {} cannot be turned by pairs", columns, x.shape().text(), head_width);
  for (int32_t position : rows.position)
    HEDDLE_CHECK(position >= 0 && position < table.cosine.rows(), "position {} lies outside a table of {} positions",
                 position, table.cosine.rows());
  Tensor y = turned(x, columns, head_width, table, rows, false);
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [columns, head_width, table](Backward& b) {
      if (b.wants(0)) b.pass(0, turned(b.gradient(0), columns, head_width, table, b.rows(), true));
    });
  return y;
}

}  // namespace heddle::ops
