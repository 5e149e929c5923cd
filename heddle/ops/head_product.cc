#include "heddle/ops/head_product.h"

#include "heddle/ops/product.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

Tensor head_product(const Tensor& x, const Tensor& weight, const Rows& rows, Compute compute) {
  const int64_t width = weight.width(), heads = weight.rows() / width;
  HEDDLE_CHECK(x.width() == heads * width && weight.rows() == heads * width,
               "{} matrices of width {} do not fit rows of width {}", heads, width, x.width());
  const auto columns = [width](const Tensor& t, int64_t h) { return t.column_range(h * width, (h + 1) * width); };
  const auto matrix = [width](const Tensor& t, int64_t h) { return t.row_range(h * width, (h + 1) * width); };
  Tensor y = new_tensor(x.shape(), x.dtype());
  for (int64_t h = 0; h < heads; ++h)
    product_into(columns(x, h), matrix(weight, h), Transposed::none, compute, columns(y, h), false);
  if (Tape* tape = recording({&x, &weight}))
    tape->record({&x, &weight}, {&y}, rows,
                 [x = tape->save(x), weight = stop_gradient(weight), heads, columns, matrix, compute](Backward& b) {
      const Tensor& dy = b.gradient(0);
      const Tensor value = x.load();
      if (b.wants(0)) {
        const auto [dx, accumulate] = b.target(0, x.shape, x.dtype);
        for (int64_t h = 0; h < heads; ++h)
          product_into(columns(dy, h), matrix(weight, h), Transposed::b, compute, columns(dx, h), accumulate);
      }
      b.parameter(1, weight.shape(), weight.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
        for (int64_t h = 0; h < heads; ++h)
          product_into(columns(value, h).row_range(begin, end), columns(dy, h).row_range(begin, end), Transposed::a,
                       compute, matrix(slot, h), true);
      });
    });
  return y;
}

}  // namespace heddle::ops
