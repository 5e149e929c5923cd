#include "heddle/ops/scaled_loss.h"

#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

Tensor add_scaled_loss(const Tensor& loss, const Tensor& other, double factor) {
  Tensor sum = new_tensor({1}, loss.dtype());
  with_real_type(loss.dtype(),
                 [&]<class T>(T) { *sum.data<T>() = *loss.data<T>() + static_cast<T>(factor) * *other.data<T>(); });
  if (Tape* tape = recording({&loss, &other}))
    tape->record({&loss, &other}, {&sum}, {}, [factor](Backward& b) {
      const Tensor& g = b.gradient(0);
      if (b.wants(0)) b.pass(0, g);
      if (!b.wants(1)) return;
      const Tensor scaled = new_tensor({1}, g.dtype());
      with_real_type(g.dtype(), [&]<class T>(T) { *scaled.data<T>() = static_cast<T>(factor) * *g.data<T>(); });
      b.pass(1, scaled);
    });
  return sum;
}

}  // namespace heddle::ops
