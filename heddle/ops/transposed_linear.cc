#include "heddle/ops/transposed_linear.h"

#include "heddle/ops/product.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

Tensor transposed_linear(const Tensor& x, const Tensor& weight, const Rows& rows, Compute compute) {
  HEDDLE_CHECK(x.width() == weight.rows(), "rows of width {} cannot be read by a weight {} the other way", x.width(),
               weight.shape().text());
  Tensor y = product(x, weight, Transposed::none, compute);
  if (Tape* tape = recording({&x, &weight}))
    tape->record({&x, &weight}, {&y}, rows, [x = tape->save(x), weight = stop_gradient(weight), compute](Backward& b) {
      const Tensor dy = operand(b.gradient(0), compute);
      if (b.wants(0)) {
        const auto [dx, accumulate] = b.target(0, x.shape, x.dtype);
        product_into(dy, weight, Transposed::b, compute, dx, accumulate);
      }
      if (!b.wants(1)) return;
      const Tensor input = x.load_operand(compute);
      b.parameter(1, weight.shape(), weight.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
        product_into(input.row_range(begin, end), dy.row_range(begin, end), Transposed::a, compute, slot, true);
      });
    });
  return y;
}

}  // namespace heddle::ops
