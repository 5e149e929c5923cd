#include "heddle/ops/scaled_sum.h"

#include "heddle/kernels/row_pieces.h"
#include "heddle/ops/row_sums.h"

namespace heddle::ops {
namespace {

// What the branch of row r is multiplied by.
template <class T>
T survives(const DropoutSite& survival, const Rows& rows, int64_t r) {
  if (!survival.active()) return 1;
  const auto example = static_cast<uint64_t>(rows.example[static_cast<size_t>(r)]);
  if (random16(survival.key.key(), example, 0, 0) < drop_threshold(survival.probability)) return 0;
  return static_cast<T>(1 / (1 - survival.probability));
}

// The number of column c.
template <class T>
struct Gain {
  explicit Gain(const Tensor& gain) : numbers(gain.defined() ? gain.data<T>() : nullptr), step(gain.count() > 1) {}
  T at(int64_t c) const { return numbers ? numbers[step ? c : 0] : T{1}; }
  const T* numbers;
  bool step;
};

// The gradients of the branch, and in `of_gain` each row's part of the gain's.
template <class T>
void branch_gradients(const Tensor& dy, const Tensor& branch, const Tensor& gain, const DropoutSite& survival,
                      const Rows& rows, const Tensor& dbranch, const Tensor& of_gain) {
  const int64_t width = dy.width();
  parallel_for(dy.rows(), kernels::row_grain(width), [&](int64_t begin, int64_t end, int) {
    const Gain<T> gains(gain);
    for (int64_t r = begin; r < end; ++r) {
      const T alive = survives<T>(survival, rows, r);
      for (int64_t c = 0; c < width; ++c) {
        const T g = alive * dy.data<T>()[r * width + c];
        dbranch.data<T>()[r * width + c] = g * gains.at(c);
        if (of_gain.defined()) of_gain.data<T>()[r * width + c] = g * branch.data<T>()[r * width + c];
      }
    }
  });
}

void add_gain_gradient(Backward& b, const Tensor& gain, const Tensor& of_gain) {
  if (gain.count() > 1 || of_gain.width() == 1) return add_row_sums(b, 2, gain, of_gain);
  b.parameter(2, gain.shape(), gain.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
    with_real_type(gain.dtype(), [&]<class T>(T) {
      for (const T g : of_gain.row_range(begin, end).span<T>()) *slot.data<T>() += g;
    });
  });
}

void scale_into(const Tensor& from, double factor, const Tensor& to, bool accumulate) {
  with_real_type(from.dtype(), [&]<class T>(T) {
    for (int64_t i = 0; i < from.count(); ++i)
      to.data<T>()[i] = (accumulate ? to.data<T>()[i] : T{0}) + static_cast<T>(factor) * from.data<T>()[i];
  });
}

}  // namespace

Tensor scaled_sum(const Tensor& residual, const Tensor& branch, const Tensor& gain, const Rows& rows,
                  const ScaledSumOptions& options) {
  HEDDLE_CHECK(branch.shape() == residual.shape(), "a branch {} does not fit its residual {}", branch.shape().text(),
               residual.shape().text());
  Tensor y = new_tensor(branch.shape(), branch.dtype());
  const int64_t width = y.width();
  with_real_type(y.dtype(), [&]<class T>(T) {
    parallel_for(y.rows(), kernels::row_grain(width), [&](int64_t begin, int64_t end, int) {
      const Gain<T> gains(gain);
      const T *x = residual.data<T>(), *f = branch.data<T>(), scale = static_cast<T>(options.residual_scale);
      for (int64_t r = begin; r < end; ++r) {
        const T alive = survives<T>(options.survival, rows, r);
        for (int64_t c = 0; c < width; ++c)
          y.data<T>()[r * width + c] = scale * x[r * width + c] + alive * gains.at(c) * f[r * width + c];
      }
    });
  });
  if (Tape* tape = recording({&residual, &branch, &gain}))
    tape->record(
        {&residual, &branch, &gain}, {&y}, rows,
        [branch = gain.defined() ? tape->save(branch) : Saved{}, gain = stop_gradient(gain), options](Backward& b) {
      const Tensor& dy = b.gradient(0);
      if (b.wants(1) || b.wants(2)) {
        const Tensor dbranch = new_tensor(dy.shape(), dy.dtype());
        const Tensor of_gain = gain.defined() ? new_tensor(dy.shape(), dy.dtype()) : Tensor();
        with_real_type(dy.dtype(), [&]<class T>(T) {
          branch_gradients<T>(dy, gain.defined() ? branch.load() : Tensor(), gain, options.survival, b.rows(), dbranch,
                              of_gain);
        });
        if (gain.defined()) add_gain_gradient(b, gain, of_gain);
        if (b.wants(1)) b.pass(1, dbranch);
      }
      if (!b.wants(0)) return;
      if (options.residual_scale == 1.0) return b.pass(0, dy);
      const auto [dx, accumulate] = b.target(0, dy.shape(), dy.dtype());
      scale_into(dy, options.residual_scale, dx, accumulate);
        });
  return y;
}

}  // namespace heddle::ops
