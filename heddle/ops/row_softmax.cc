#include "heddle/ops/row_softmax.h"

#include <cmath>

#include "heddle/kernels/cross_entropy.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

Tensor row_softmax(const Tensor& x, const Rows& rows) {
  Tensor y = new_tensor(x.shape(), x.dtype());
  copy_into(x, y);
  with_real_type(y.dtype(), [&]<class T>(T) {
    kernels::log_softmax(y.rows(), y.width(), y.data<T>());
    for (T& value : y.span<T>()) value = std::exp(value);
  });
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [y = tape->save(y, SaveHint::exact)](Backward& b) {
      if (!b.wants(0)) return;
      const Tensor p = y.load(), dx = new_tensor(y.shape, y.dtype);
      const Tensor& dy = b.gradient(0);
      with_real_type(dy.dtype(), [&]<class T>(T) {
        for (int64_t r = 0; r < p.rows(); ++r) {
          const T *value = p.data<T>() + r * p.width(), *g = dy.data<T>() + r * p.width();
          T dot = 0;
          for (int64_t c = 0; c < p.width(); ++c) dot += value[c] * g[c];
          for (int64_t c = 0; c < p.width(); ++c) dx.data<T>()[r * p.width() + c] = value[c] * (g[c] - dot);
        }
      });
      b.pass(0, dx);
    });
  return y;
}

}  // namespace heddle::ops
