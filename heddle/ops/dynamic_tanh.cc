#include "heddle/ops/dynamic_tanh.h"

#include "heddle/kernels/dynamic_tanh.h"
#include "heddle/ops/row_sums.h"

namespace heddle::ops {

Tensor dynamic_tanh(const Tensor& x, const Tensor& alpha, const Tensor& gain, const Tensor& shift, const Rows& rows) {
  Tensor y = new_tensor(x.shape(), x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    kernels::dynamic_tanh(x.rows(), x.width(), x.data<T>(), *alpha.data<T>(), gain.data<T>(), shift.data<T>(),
                          y.data<T>());
  });
  if (Tape* tape = recording({&x, &alpha, &gain, &shift}))
    tape->record({&x, &alpha, &gain, &shift}, {&y}, rows,
                 [x = tape->save(x), alpha = stop_gradient(alpha), gain = stop_gradient(gain),
                  shift = stop_gradient(shift)](Backward& b) {
      const Tensor value = x.load(), dx = new_tensor(x.shape, x.dtype), dgain = new_tensor(x.shape, x.dtype),
                   dalpha = new_tensor({x.shape.rows()}, x.dtype);
      const Tensor& dy = b.gradient(0);
      with_real_type(x.dtype, [&]<class T>(T) {
        kernels::dynamic_tanh_backward(value.rows(), value.width(), value.data<T>(), *alpha.data<T>(), gain.data<T>(),
                                       dy.data<T>(), dx.data<T>(), dgain.data<T>(), dalpha.data<T>());
        b.parameter(1, alpha.shape(), alpha.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
          for (int64_t r = begin; r < end; ++r) *slot.data<T>() += dalpha.data<T>()[r];
        });
      });
      add_row_sums(b, 2, gain, dgain);
      add_row_sums(b, 3, shift, dy);
      if (b.wants(0)) b.pass(0, dx);
    });
  return y;
}

}  // namespace heddle::ops
