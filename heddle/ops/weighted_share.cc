#include "heddle/ops/weighted_share.h"

#include <algorithm>
#include <cmath>

#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// Of each part in the mean of a head.
template <class T>
T part_share(const Tensor& logits, int64_t head, int64_t part) {
  const T* row = logits.data<T>() + head * logits.width();
  const T top = *std::max_element(row, row + logits.width());
  T sum = 0;
  for (int64_t i = 0; i < logits.width(); ++i) sum += std::exp(row[i] - top);
  return std::exp(row[part] - top) / sum;
}

// to = (from or 0) + share of its head · x.
template <class T>
void add_scaled_heads(const Tensor& from, const Tensor& x, const Tensor& logits, int64_t which, const Tensor& to) {
  const int64_t heads = logits.rows(), width = x.width() / heads;
  for (int64_t h = 0; h < heads; ++h) {
    const T share = part_share<T>(logits, h, which);
    for (int64_t r = 0; r < x.rows(); ++r)
      for (int64_t i = r * x.width() + h * width; i < r * x.width() + (h + 1) * width; ++i)
        to.data<T>()[i] = (from.defined() ? from.data<T>()[i] : T{0}) + share * x.data<T>()[i];
  }
}

// Of rows [begin, end): d/dlogit_u = p_which·([u = which] - p_u)·⟨dy_h, x_h⟩.
template <class T>
void add_logit_gradients(const Tensor& x, const Tensor& dy, const Tensor& logits, int64_t which, int64_t begin,
                         int64_t end, const Tensor& slot) {
  const int64_t heads = logits.rows(), width = x.width() / heads;
  for (int64_t h = 0; h < heads; ++h) {
    T product = 0;
    for (int64_t r = begin; r < end; ++r)
      for (int64_t i = r * x.width() + h * width; i < r * x.width() + (h + 1) * width; ++i)
        product += dy.data<T>()[i] * x.data<T>()[i];
    const T share = part_share<T>(logits, h, which);
    for (int64_t u = 0; u < logits.width(); ++u)
      slot.data<T>()[h * logits.width() + u] += share * ((u == which ? 1 : 0) - part_share<T>(logits, h, u)) * product;
  }
}

}  // namespace

Tensor add_share(const Tensor& sum, const Tensor& x, const Tensor& logits, int64_t which, const Rows& rows) {
  HEDDLE_CHECK(x.width() % logits.rows() == 0 && which < logits.width(),
               "part {} of {} heads' parts {} does not fit rows of width {}", which, logits.rows(),
               logits.shape().text(), x.width());
  Tensor y = new_tensor(x.shape(), x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) { add_scaled_heads<T>(sum, x, logits, which, y); });
  if (Tape* tape = recording({&sum, &x, &logits}))
    tape->record({&sum, &x, &logits}, {&y}, rows,
                 [x = tape->save(x), logits = stop_gradient(logits), which](Backward& b) {
      const Tensor& dy = b.gradient(0);
      const Tensor value = x.load();
      with_real_type(dy.dtype(), [&]<class T>(T) {
        b.parameter(2, logits.shape(), logits.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
          add_logit_gradients<T>(value, dy, logits, which, begin, end, slot);
        });
        if (!b.wants(1)) return;
        const Tensor dx = new_tensor(x.shape, x.dtype);
        add_scaled_heads<T>({}, dy, logits, which, dx);
        b.pass(1, dx);
      });
      if (b.wants(0)) b.pass(0, dy);
    });
  return y;
}

}  // namespace heddle::ops
