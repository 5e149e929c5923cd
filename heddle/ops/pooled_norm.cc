#include "heddle/ops/pooled_norm.h"

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
  const auto move = [&](T& running, T batch) { running += static_cast<T>(w.momentum) * (batch - running); };
  for (int64_t g = 0; g < w.groups; ++g) {
    move(w.running_mean.data<T>()[g], mean.data<T>()[g]);
    move(w.running_variance.data<T>()[g], static_cast<T>(unbias) * variance.data<T>()[g]);
  }
}

}  // namespace

Tensor pooled_norm(const Tensor& x, const PooledNormWeights& weights, const Rows& rows) {
  HEDDLE_CHECK(weights.groups > 0 && x.width() % weights.groups == 0, "{} groups do not divide a width of {}",
               weights.groups, x.width());
  HEDDLE_CHECK(rows.count() == x.rows(), "{} rows for a tensor {}", rows.count(), x.shape().text());
  const kernels::PooledRows pools = pools_of(rows, weights.pool);
  Tensor y = new_tensor(x.shape(), x.dtype()), mean = weights.running_mean, variance = weights.running_variance;
  with_real_type(x.dtype(), [&]<class T>(T) {
    if (!weights.uses_running) {
      mean = new_tensor({pools.pools(), weights.groups}, x.dtype());
      variance = new_tensor({pools.pools(), weights.groups}, x.dtype());
      kernels::pooled_statistics(pools, x.width(), weights.groups, x.data<T>(), mean.data<T>(), variance.data<T>());
      if (weights.running_mean.defined() && pools.pools() > 0)
        move_running<T>(weights, pools.count(0) * (x.width() / weights.groups), mean, variance);
    }
    kernels::pooled_norm(pools, x.width(), weights.groups, x.data<T>(), mean.data<T>(), variance.data<T>(),
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
                                      mean.load().data<T>(), variance.load().data<T>(), epsilon, fixed, gain.data<T>(),
                                      dy.data<T>(), dx.data<T>(), dgain.data<T>());
      });
      add_row_sums(b, 1, gain, dgain);
      add_row_sums(b, 2, shift, dy);
      if (b.wants(0)) b.pass(0, dx);
        });
  return y;
}

}  // namespace heddle::ops
