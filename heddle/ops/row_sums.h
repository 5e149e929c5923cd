#pragma once
// The gradient of a bias, and of whatever every row reads alike: the sum over the rows.

#include "heddle/kernels/activation.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {

// Adds Σ_rows g to the parameter at this input; g [tokens, width], the parameter [width]. Undefined: nothing.
inline void add_row_sums(Backward& b, int input, const Tensor& parameter, const Tensor& g) {
  if (!parameter.defined()) return;
  b.parameter(input, parameter.shape(), parameter.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
    with_real_type(g.dtype(), [&]<class T>(T) {
      kernels::add_row_sums(end - begin, g.width(), g.row_range(begin, end).data<T>(), slot.data<T>());
    });
  });
}

}  // namespace heddle::ops
