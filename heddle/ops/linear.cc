#include "heddle/ops/linear.h"

#include <algorithm>

#include "heddle/kernels/matmul.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/product.h"
#include "heddle/ops/row_sums.h"

namespace heddle::ops {
namespace {

// g = dy through dropout and activation' at pre + bias.
Tensor through_activation(const LinearOptions& options, const Tensor& pre, const Tensor& bias, const Rows& rows,
                          const Tensor& dy) {
  if (options.activation == kernels::Activation::none && !options.dropout.active()) return dy;
  Tensor g = new_tensor(dy.shape(), dy.dtype());
  with_real_type(dy.dtype(), [&]<class T>(T) {
    kernels::bias_activation_backward(
        options.activation, dy.rows(), dy.width(), pre.defined() ? pre.data<T>() : nullptr,
        bias.defined() ? bias.data<T>() : nullptr, options.dropout.rule(rows), dy.data<T>(), g.data<T>());
  });
  return g;
}

void check_widths(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  HEDDLE_CHECK(x.width() == weight.width(), "a linear layer {} cannot read rows of width {}", weight.shape().text(),
               x.width());
  HEDDLE_CHECK(!bias.defined() || bias.count() == weight.rows(), "a bias {} does not fit a weight {}",
               bias.shape().text(), weight.shape().text());
}

bool has_fused_pass(const Tensor& bias, const LinearOptions& options) {
  return bias.defined() || options.activation != kernels::Activation::none || options.dropout.active();
}

void fused_pass(const Tensor& pre, const Tensor& bias, const Rows& rows, const LinearOptions& options,
                const Tensor& y) {
  with_real_type(pre.dtype(), [&]<class T>(T) {
    kernels::bias_activation(options.activation, pre.rows(), pre.width(), pre.data<T>(),
                             bias.defined() ? bias.data<T>() : nullptr, options.dropout.rule(rows), y.data<T>());
  });
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Rows& rows,
              const LinearOptions& options) {
  check_widths(x, weight, bias);
  Tape* tape = recording({&x, &weight, &bias});
  const Saved kept_x = tape ? tape->save(x) : Saved{};
  const Tensor of_x = kept_x.is_operand(options.compute) ? kept_x.tensor : operand(x, options.compute);
  const Tensor pre = product(of_x, weight, Transposed::b, options.compute);
  // The slope of relu shows in its output (dropout only zeroes where no gradient passes), so the output takes the
  // product's place; other activations keep both.
  const bool has_slope = options.activation != kernels::Activation::none;
  const bool keeps_pre = has_slope && options.activation != kernels::Activation::relu;
  Tensor y = pre;
  if (has_fused_pass(bias, options)) {
    y = tape && keeps_pre ? new_tensor(pre.shape(), pre.dtype()) : pre;
    fused_pass(pre, bias, rows, options, y);
  }
  if (tape)
    tape->record({&x, &weight, &bias}, {&y}, rows,
                 [x = kept_x, of_slope = has_slope ? tape->save(keeps_pre ? pre : y) : Saved{}, keeps_pre,
                  weight = stop_gradient(weight), bias = stop_gradient(bias), options](Backward& b) {
      const Tensor g =
          through_activation(options, of_slope.load(), keeps_pre ? bias : Tensor(), b.rows(), b.gradient(0));
      add_row_sums(b, 2, bias, g);
      const Tensor of_g = operand(g, options.compute);
      if (b.wants(0)) {
        const auto [dx, accumulate] = b.target(0, x.shape, x.dtype);
        product_into(of_g, weight, Transposed::none, options.compute, dx, accumulate);
      }
      if (!b.wants(1)) return;
      const Tensor input = x.load_operand(options.compute);
      b.parameter(1, weight.shape(), weight.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
        product_into(of_g.row_range(begin, end), input.row_range(begin, end), Transposed::a, options.compute, slot,
                     true);
      });
    });
  return y;
}

Tensor packed_linear(const Tensor& x, const kernels::PackedWeight& weight, const Tensor& bias, const Rows& rows,
                     const LinearOptions& options) {
  HEDDLE_CHECK(x.width() == weight.inputs(), "a linear layer [{}, {}] cannot read rows of width {}", weight.outputs(),
               weight.inputs(), x.width());
  const int64_t bucket = kernels::PackedWeight::bucket(x.rows());
  HEDDLE_CHECK(bucket >= x.rows(), "{} rows are too many for a packed weight", x.rows());
  Tensor from = x;
  if (bucket != x.rows() || !x.dense()) {
    from = new_tensor({bucket, x.width()}, x.dtype());
    copy_into(x, from.row_range(0, x.rows()));
    std::fill(from.data<float>() + x.count(), from.data<float>() + from.count(), 0.0f);
  }
  const Tensor padded = new_tensor({bucket, weight.outputs()}, x.dtype());
  weight.product(bucket, from.data<float>(), padded.data<float>());
  Tensor y = padded.row_range(0, x.rows());
  if (has_fused_pass(bias, options)) fused_pass(y, bias, rows, options, y);
  return y;
}

Tensor bias_activation(const Tensor& x, const Tensor& bias, const Rows& rows, const LinearOptions& options) {
  Tensor y = new_tensor(x.shape(), x.dtype());
  fused_pass(x, bias, rows, options, y);
  if (Tape* tape = recording({&x, &bias}))
    tape->record({&x, &bias}, {&y}, rows, [x = tape->save(x), bias = stop_gradient(bias), options](Backward& b) {
      const Tensor g = through_activation(options, x.load(), bias, b.rows(), b.gradient(0));
      add_row_sums(b, 1, bias, g);
      if (b.wants(0)) b.pass(0, g);
    });
  return y;
}

}  // namespace heddle::ops
