#include "heddle/ops/gated.h"

#include "heddle/kernels/gated.h"
#include "heddle/ops/row_sums.h"

namespace heddle::ops {

Tensor gated(const Tensor& x, const Tensor& bias, kernels::Activation gate, const Rows& rows,
             const DropoutSite& dropout) {
  HEDDLE_CHECK(x.width() % 2 == 0, "a gated unit reads gates and values side by side, not an odd width {}", x.width());
  Tensor y = new_tensor({x.rows(), x.width() / 2}, x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    kernels::gated(gate, y.rows(), y.width(), x.data<T>(), bias.defined() ? bias.data<T>() : nullptr,
                   dropout.rule(rows), y.data<T>());
  });
  if (Tape* tape = recording({&x, &bias}))
    tape->record({&x, &bias}, {&y}, rows, [x = tape->save(x), bias = stop_gradient(bias), gate, dropout](Backward& b) {
      const Tensor pre = x.load(), dx = new_tensor(x.shape, x.dtype);
      const Tensor& dy = b.gradient(0);
      with_real_type(dy.dtype(), [&]<class T>(T) {
        kernels::gated_backward(gate, dy.rows(), dy.width(), pre.data<T>(), bias.defined() ? bias.data<T>() : nullptr,
                                dropout.rule(b.rows()), dy.data<T>(), dx.data<T>());
      });
      add_row_sums(b, 1, bias, dx);
      if (b.wants(0)) b.pass(0, dx);
    });
  return y;
}

}  // namespace heddle::ops
