#include "heddle/ops/log_softmax.h"

#include <cmath>

#include "heddle/kernels/cross_entropy.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

Tensor log_softmax(Tensor x, const Rows& rows) {
  Tape* tape = recording({&x});
  const bool in_place = !tape && x.unique() && x.dense();
  Tensor y = in_place ? x : new_tensor(x.shape(), x.dtype());
  if (!in_place) copy_into(x, y);
  with_real_type(y.dtype(), [&]<class T>(T) { kernels::log_softmax(y.rows(), y.width(), y.data<T>()); });
  if (tape)
    tape->record({&x}, {&y}, rows, [y = tape->save(y)](Backward& b) {
      if (!b.wants(0)) return;
      const Tensor out = y.load();
      const Tensor& dy = b.gradient(0);
      const auto [dx, accumulate] = b.target(0, dy.shape(), dy.dtype());
      with_real_type(dy.dtype(), [&, target = dx, add = accumulate]<class T>(T) {
        for (int64_t r = 0; r < dy.rows(); ++r) {
          const T* g = dy.data<T>() + r * dy.width();
          const T* value = out.data<T>() + r * dy.width();
          T* to = target.data<T>() + r * dy.width();
          T sum = 0;
          for (int64_t c = 0; c < dy.width(); ++c) sum += g[c];
          for (int64_t c = 0; c < dy.width(); ++c) to[c] = (add ? to[c] : T{0}) + g[c] - std::exp(value[c]) * sum;
        }
      });
    });
  return y;
}

}  // namespace heddle::ops
