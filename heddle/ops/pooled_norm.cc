#include "heddle/ops/pooled_norm.h"

#include <algorithm>

#include "heddle/kernels/pooled_norm.h"
#include "heddle/ops/row_sums.h"

namespace heddle::ops {
namespace {

kernels::PooledRows pools_of(const Rows& rows, Pool pool) {
  return {rows.offsets, rows.length, pool == Pool::batch ? rows.sequences() : 1};
}

// running += momentum·(batch - running), the variance unbiased.
template <class T>
void move_running(const PooledNormWeights& w, int64_t count, const Tensor& mean, const Tensor& variance) {
  if (count == 0 || w.momentum == 0) return;
  const double unbias = count > 1 ? static_cast<double>(count) / static_cast<double>(count - 1) : 1.0;
  const auto move = [&](T& running, double batch) {
    running += static_cast<T>(w.momentum * (batch - static_cast<double>(running)));
  };
  for (int64_t g = 0; g < w.groups; ++g) {
    move(w.running_mean.data<T>()[g], mean.data<double>()[g]);
    move(w.running_variance.data<T>()[g], unbias * variance.data<double>()[g]);
  }
}

// Running statistics as the kernel takes them.
template <class T>
void copy_running(const Tensor& running, const Tensor& to) {
  std::ranges::transform(running.span<T>(), to.span<double>().begin(), [](T x) { return static_cast<double>(x); });
}

}  // namespace

Tensor pooled_norm(const Tensor& x, const PooledNormWeights& weights, const Rows& rows) {
  HEDDLE_CHECK(weights.groups > 0 && x.width() % weights.groups == 0, "{} groups do not divide a width of {}",
               weights.groups, x.width());
  HEDDLE_CHECK(rows.count() == x.rows(), "{} rows for a tensor {}", rows.count(), x.shape().text());
  const kernels::PooledRows pools = pools_of(rows, weights.pool);
  const int64_t made = weights.uses_running ? 1 : pools.pools();
  Tensor y = new_tensor(x.shape(), x.dtype());
  const Tensor mean = new_tensor({made, weights.groups}, DType::f64),
               variance = new_tensor({made, weights.groups}, DType::f64);
  with_real_type(x.dtype(), [&]<class T>(T) {
    if (weights.uses_running) {
      copy_running<T>(weights.running_mean, mean);
      copy_running<T>(weights.running_variance, variance);
    } else {
      kernels::pooled_statistics(pools, x.width(), weights.groups, x.data<T>(), mean.data<double>(),
                                 variance.data<double>());
      if (weights.running_mean.defined() && pools.pools() > 0)
        move_running<T>(weights, pools.count(0) * (x.width() / weights.groups), mean, variance);
    }
    kernels::pooled_norm(pools, x.width(), weights.groups, x.data<T>(), mean.data<double>(), variance.data<double>(),
                         weights.epsilon, weights.gain.data<T>(), weights.shift.data<T>(), y.data<T>());
  });
  if (Tape* tape = recording({&x, &weights.gain, &weights.shift}))
    tape->record(
        {&x, &weights.gain, &weights.shift}, {&y}, rows,
        [x = tape->save(x), mean = tape->save(mean, SaveHint::exact), variance = tape->save(variance, SaveHint::exact),
         gain = stop_gradient(weights.gain), shift = stop_gradient(weights.shift), pool = weights.pool,
         groups = weights.groups, epsilon = weights.epsilon, fixed = weights.uses_running](Backward& b) {
      const Tensor value = x.load(), dx = new_tensor(x.shape, x.dtype), dgain = new_tensor(x.shape, x.dtype);
      const Tensor& dy = b.gradient(0);
      with_real_type(x.dtype, [&]<class T>(T) {
        kernels::pooled_norm_backward(pools_of(b.rows(), pool), value.width(), groups, value.data<T>(),
                                      mean.load().data<double>(), variance.load().data<double>(), epsilon, fixed,
                                      gain.data<T>(), dy.data<T>(), dx.data<T>(), dgain.data<T>());
      });
      add_row_sums(b, 1, gain, dgain);
      add_row_sums(b, 2, shift, dy);
      if (b.wants(0)) b.pass(0, dx);
        });
  return y;
}

}  // namespace heddle::ops
