#include "heddle/ops/dynamic_tanh.h"

#include <cmath>

#include "heddle/base/thread_loop.h"
#include "heddle/ops/row_sums.h"

namespace heddle::ops {
namespace {

constexpr int64_t kGrain = 16;  // rows

}  // namespace

Tensor dynamic_tanh(const Tensor& x, const Tensor& alpha, const Tensor& gain, const Tensor& shift, const Rows& rows) {
  Tensor y = new_tensor(x.shape(), x.dtype());
  const int64_t width = x.width();
  with_real_type(x.dtype(), [&]<class T>(T) {
    parallel_for(x.rows(), kGrain, [&](int64_t begin, int64_t end, int) {
      const T a = *alpha.data<T>();
      for (int64_t r = begin; r < end; ++r)
        for (int64_t c = 0; c < width; ++c)
          y.data<T>()[r * width + c] =
              gain.data<T>()[c] * std::tanh(a * x.data<T>()[r * width + c]) + shift.data<T>()[c];
    });
  });
  if (Tape* tape = recording({&x, &alpha, &gain, &shift}))
    tape->record({&x, &alpha, &gain, &shift}, {&y}, rows,
                 [x = tape->save(x), alpha = stop_gradient(alpha), gain = stop_gradient(gain),
                  shift = stop_gradient(shift)](Backward& b) {
      const Tensor value = x.load(), dx = new_tensor(x.shape, x.dtype), dgain = new_tensor(x.shape, x.dtype),
                   dalpha = new_tensor({x.shape.rows()}, x.dtype);
      const Tensor& dy = b.gradient(0);
      const int64_t wide = value.width();
      with_real_type(x.dtype, [&]<class T>(T) {
        parallel_for(value.rows(), kGrain, [&](int64_t begin, int64_t end, int) {
          const T a = *alpha.data<T>();
          for (int64_t r = begin; r < end; ++r) {
            T sum = 0;
            for (int64_t c = 0; c < wide; ++c) {
              const int64_t i = r * wide + c;
              const T v = value.data<T>()[i], t = std::tanh(a * v);
              const T inner = dy.data<T>()[i] * gain.data<T>()[c] * (1 - t * t);  // d loss / d(α·x)
              dgain.data<T>()[i] = dy.data<T>()[i] * t;
              dx.data<T>()[i] = inner * a;
              sum += inner * v;
            }
            dalpha.data<T>()[r] = sum;
          }
        });
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
