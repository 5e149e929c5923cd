#include "heddle/ops/head_scale.h"

#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// to = factor of its head · from.
template <class T>
void scale_heads(const Tensor& from, const Tensor& scale, const Tensor& to) {
  const int64_t heads = scale.count(), width = from.width() / heads;
  for (int64_t i = 0; i < from.count(); ++i) to.data<T>()[i] = scale.data<T>()[i / width % heads] * from.data<T>()[i];
}

}  // namespace

Tensor head_scale(const Tensor& x, const Tensor& scale, const Rows& rows) {
  HEDDLE_CHECK(x.width() % scale.count() == 0, "{} heads do not divide rows of width {}", scale.count(), x.width());
  Tensor y = new_tensor(x.shape(), x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) { scale_heads<T>(x, scale, y); });
  if (Tape* tape = recording({&x, &scale}))
    tape->record({&x, &scale}, {&y}, rows, [x = tape->save(x), scale = stop_gradient(scale)](Backward& b) {
      const Tensor& dy = b.gradient(0);
      with_real_type(dy.dtype(), [&]<class T>(T) {
        b.parameter(1, scale.shape(), scale.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
          const Tensor value = x.load();
          const int64_t heads = scale.count(), width = value.width() / heads;
          for (int64_t i = begin * value.width(); i < end * value.width(); ++i)
            slot.data<T>()[i / width % heads] += dy.data<T>()[i] * value.data<T>()[i];
        });
        if (!b.wants(0)) return;
        const Tensor dx = new_tensor(x.shape, x.dtype);
        scale_heads<T>(dy, scale, dx);
        b.pass(0, dx);
      });
    });
  return y;
}

}  // namespace heddle::ops
