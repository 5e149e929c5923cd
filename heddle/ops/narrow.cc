#include "heddle/ops/narrow.h"

#include "heddle/kernels/narrow.h"
#include "heddle/kernels/row_pieces.h"
#include "heddle/ops/workspace.h"

namespace heddle::ops {
namespace {

// convert(count, from, to) for runs of numbers, by several threads.
template <class From, class To, class Convert>
Tensor converted(const Tensor& tensor, Convert convert) {
  Tensor result = new_tensor(tensor.shape(), dtype_of<To>);
  const From* from = tensor.strided_data<From>();
  To* to = result.data<To>();
  const int64_t width = tensor.width(), stride = tensor.row_stride();
  parallel_for(tensor.rows(), kernels::row_grain(width), [&](int64_t begin, int64_t end, int) {
    if (stride == width) return convert((end - begin) * width, from + begin * width, to + begin * width);
    for (int64_t r = begin; r < end; ++r) convert(width, from + r * stride, to + r * width);
  });
  return result;
}

}  // namespace

Tensor narrowed(const Tensor& tensor) { return converted<float, bf16>(tensor, kernels::narrow); }

Tensor widened(const Tensor& tensor) { return converted<bf16, float>(tensor, kernels::widen); }

}  // namespace heddle::ops
