#include "heddle/ops/row_softmax.h"

#include "heddle/kernels/row_softmax.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

Tensor row_softmax(const Tensor& x, const Rows& rows) {
  Tensor y = new_tensor(x.shape(), x.dtype());
  const int64_t width = x.width();
  with_real_type(y.dtype(), [&]<class T>(T) {
    for (int64_t r = 0; r < x.rows(); ++r)
      kernels::row_softmax(x.data<T>() + r * width, width, y.data<T>() + r * width);
  });
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [y = tape->save(y, SaveHint::exact)](Backward& b) {
      if (!b.wants(0)) return;
      const Tensor p = y.load(), dx = new_zeros(y.shape, y.dtype);
      const Tensor& dy = b.gradient(0);
      with_real_type(dy.dtype(), [&]<class T>(T) {
        for (int64_t r = 0; r < p.rows(); ++r) {
          const int64_t at = r * p.width();
          kernels::row_softmax_backward(p.data<T>() + at, dy.data<T>() + at, p.width(), dx.data<T>() + at);
        }
      });
      b.pass(0, dx);
    });
  return y;
}

}  // namespace heddle::ops
