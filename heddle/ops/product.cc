#include "heddle/ops/product.h"

#include "heddle/kernels/matmul.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/narrow.h"
#include "heddle/ops/workspace.h"

namespace heddle::ops {
namespace {

kernels::MatmulShape shape_of(const Tensor& a, const Tensor& b, Transposed t, const Tensor& c, bool accumulate) {
  kernels::MatmulShape s;
  s.transpose_a = t == Transposed::a;
  s.transpose_b = t == Transposed::b;
  s.m = s.transpose_a ? a.width() : a.rows();
  s.k = s.transpose_a ? a.rows() : a.width();
  s.n = s.transpose_b ? b.rows() : b.width();
  const int64_t inner = s.transpose_b ? b.width() : b.rows();
  HEDDLE_CHECK(s.k == inner && c.rows() == s.m && c.width() == s.n, "a product of {} and {} does not give {}",
               a.shape().text(), b.shape().text(), c.shape().text());
  s.lda = a.row_stride();
  s.ldb = b.row_stride();
  s.ldc = c.row_stride();
  s.accumulate = accumulate;
  return s;
}

}  // namespace

Tensor operand(const Tensor& tensor, Compute compute) {
  return compute == Compute::bf16 && tensor.dtype() == DType::f32 ? narrowed(tensor) : tensor;
}

Tensor product(const Tensor& a, const Tensor& b, Transposed t, Compute compute) {
  const int64_t rows = t == Transposed::a ? a.width() : a.rows();
  const int64_t columns = t == Transposed::b ? b.rows() : b.width();
  Tensor c = new_tensor({rows, columns}, a.dtype() == DType::bf16 ? DType::f32 : a.dtype());
  product_into(a, b, t, compute, c, false);
  return c;
}

void product_into(const Tensor& a, const Tensor& b, Transposed t, Compute compute, const Tensor& c, bool accumulate) {
  if (compute == Compute::bf16 && c.dtype() == DType::f32) {
    const Tensor narrow_a = operand(a, compute), narrow_b = operand(b, compute);
    kernels::matmul(shape_of(narrow_a, narrow_b, t, c, accumulate), narrow_a.strided_data<bf16>(),
                    narrow_b.strided_data<bf16>(), c.strided_data<float>());
    return;
  }
  const kernels::MatmulShape shape = shape_of(a, b, t, c, accumulate);
  with_real_type(a.dtype(), [&]<class T>(T) {
    kernels::matmul(shape, a.strided_data<T>(), b.strided_data<T>(), c.strided_data<T>());
  });
}

}  // namespace heddle::ops
