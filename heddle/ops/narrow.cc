#include "heddle/ops/narrow.h"

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/narrow.h"
#include "heddle/ops/workspace.h"

namespace heddle::ops {

Tensor narrowed(const Tensor& tensor) {
  Tensor narrow = new_tensor(tensor.shape(), DType::bf16);
  const float* from = tensor.strided_data<float>();
  bf16* to = narrow.data<bf16>();
  const int64_t width = tensor.width(), stride = tensor.row_stride();
  parallel_for(tensor.rows(), 16384 / std::max<int64_t>(width, 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) kernels::narrow(width, from + r * stride, to + r * width);
  });
  return narrow;
}

}  // namespace heddle::ops
