#include "heddle/ops/columns.h"

#include <cstring>

#include "heddle/ops/accumulate.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

Tensor columns(const Tensor& x, int64_t begin, int64_t end, const Rows& rows) {
  Tensor y = new_tensor({x.rows(), end - begin}, x.dtype());
  copy_into(x.column_range(begin, end), y);
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [begin, end, shape = x.shape()](Backward& b) {
      if (!b.wants(0)) return;
      const Tensor& dy = b.gradient(0);
      const auto [dx, accumulate] = b.target(0, shape, dy.dtype());
      if (!accumulate) std::memset(dx.raw(), 0, static_cast<size_t>(dx.bytes()));
      with_real_type(dy.dtype(), [&, target = dx]<class T>(T) {
        for (int64_t r = 0; r < dy.rows(); ++r)
          for (int64_t c = begin; c < end; ++c)
            target.data<T>()[r * target.width() + c] += dy.data<T>()[r * dy.width() + c - begin];
      });
    });
  return y;
}

}  // namespace heddle::ops
