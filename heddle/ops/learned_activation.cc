#include "heddle/ops/learned_activation.h"

#include "heddle/ops/row_sums.h"

namespace heddle::ops {

Tensor learned_activation(const Tensor& x, const Tensor& bias, const Tensor& p, kernels::LearnedActivation activation,
                          const Rows& rows, const DropoutSite& dropout) {
  Tensor y = new_tensor(x.shape(), x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    kernels::learned_activation(activation, x.rows(), x.width(), x.data<T>(), bias.defined() ? bias.data<T>() : nullptr,
                                p.data<T>(), dropout.rule(rows), y.data<T>());
  });
  if (Tape* tape = recording({&x, &bias, &p}))
    tape->record(
        {&x, &bias, &p}, {&y}, rows,
        [x = tape->save(x), bias = stop_gradient(bias), p = stop_gradient(p), activation, dropout](Backward& b) {
      const Tensor pre = x.load(), dx = new_tensor(x.shape, x.dtype), dp = new_tensor(x.shape, x.dtype);
      const Tensor& dy = b.gradient(0);
      with_real_type(dy.dtype(), [&]<class T>(T) {
        kernels::learned_activation_backward(activation, dy.rows(), dy.width(), pre.data<T>(),
                                             bias.defined() ? bias.data<T>() : nullptr, p.data<T>(),
                                             dropout.rule(b.rows()), dy.data<T>(), dx.data<T>(), dp.data<T>());
      });
      add_row_sums(b, 1, bias, dx);
      add_row_sums(b, 2, p, dp);
      if (b.wants(0)) b.pass(0, dx);
        });
  return y;
}

}  // namespace heddle::ops
