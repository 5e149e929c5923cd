#include "heddle/ops/embedding.h"

#include "heddle/kernels/activation.h"
#include "heddle/kernels/embedding.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

Tensor embed(std::span<const int32_t> ids, const Tensor& table, double scale, const Tensor& positions, const Rows& rows,
             const DropoutSite& dropout) {
  HEDDLE_CHECK(std::ssize(ids) == rows.count(), "{} ids for {} rows", ids.size(), rows.count());
  for (int32_t id : ids)
    if (id < 0 || id >= table.rows())
      fail_input("token id {} lies outside the vocabulary of {}; use the tokenizer of this model", id, table.rows());
  for (int32_t position : rows.position)
    HEDDLE_CHECK(!positions.defined() || (position >= 0 && position < positions.rows()),
                 "position {} lies outside a table of {} positions", position, positions.rows());
  const int64_t width = table.width();
  Tensor y = new_tensor({rows.count(), width}, table.dtype());
  with_real_type(table.dtype(), [&]<class T>(T) {
    kernels::embedding(rows.count(), width, ids.data(), table.data<T>(), static_cast<T>(scale), rows.position.data(),
                       positions.defined() ? positions.data<T>() : nullptr, dropout.rule(rows), y.data<T>());
  });
  if (Tape* tape = recording({&table, &positions}))
    tape->record({&table, &positions}, {&y}, rows,
                 [ids, scale, dropout, table_shape = table.shape(), positions_shape = positions.shape()](Backward& b) {
      const Tensor& dy = b.gradient(0);
      const Rows& r = b.rows();
      with_real_type(dy.dtype(), [&]<class T>(T) {
        Tensor g = dy;
        if (dropout.active()) {
          g = new_tensor(dy.shape(), dy.dtype());
          kernels::bias_activation_backward(kernels::Activation::none, dy.rows(), dy.width(),
                                            static_cast<const T*>(nullptr), static_cast<const T*>(nullptr),
                                            dropout.rule(r), dy.data<T>(), g.data<T>());
        }
        const auto scatter = [&](int input, const Shape& shape, const int32_t* places, T factor) {
          b.parameter(input, shape, dy.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
            kernels::add_rows_by_id(end - begin, g.width(), places + begin, factor, g.row_range(begin, end).data<T>(),
                                    slot.data<T>());
          });
        };
        scatter(0, table_shape, ids.data(), static_cast<T>(scale));
        if (b.wants(1)) scatter(1, positions_shape, r.position.data(), T{1});
      });
    });
  return y;
}

}  // namespace heddle::ops
