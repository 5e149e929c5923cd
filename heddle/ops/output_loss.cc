#include "heddle/ops/output_loss.h"

#include <algorithm>
#include <cstring>

#include "heddle/kernels/activation.h"
#include "heddle/ops/accumulate.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/product.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// Rows whose logits exist at a time: enough for full speed of the products, 20 MB at 10,000 classes.
constexpr int64_t kChunk = 512;

// The logits' gradient of rows [begin, end) for a loss scaled by `scale`, and the sums of these rows.
struct ChunkGradient {
  Tensor dlogits;  // [end - begin, vocab]
  kernels::CrossEntropySums sums;
};

ChunkGradient chunk_gradient(const Tensor& x, const Tensor& weight, const Tensor& bias,
                             std::span<const int32_t> targets, const OutputLossOptions& options,
                             double scale) {
  ChunkGradient chunk{product(x, weight, Transposed::b, options.compute), {}};
  with_real_type(x.dtype(), [&]<class T>(T) {
    chunk.sums = kernels::cross_entropy(x.rows(), weight.rows(), chunk.dlogits.data<T>(),
                                        bias.defined() ? bias.data<T>() : nullptr, targets.data(),
                                        options.smoothing, options.convention, scale);
  });
  return chunk;
}

// dx, dW and db of rows [begin, end), given where they are added (dx: written).
void add_chunk(const ChunkGradient& chunk, const Tensor& x, const Tensor& weight, Compute compute,
               const Tensor& dx, bool accumulate_dx, const Tensor& dweight, const Tensor& dbias) {
  if (dx.defined()) product_into(chunk.dlogits, weight, Transposed::none, compute, dx, accumulate_dx);
  if (dweight.defined()) product_into(chunk.dlogits, x, Transposed::a, compute, dweight, true);
  if (dbias.defined())
    with_real_type(x.dtype(), [&]<class T>(T) {
      kernels::add_row_sums(x.rows(), weight.rows(), chunk.dlogits.data<T>(), dbias.data<T>());
    });
}

double seed_of(const Tensor& gradient) {
  return gradient.dtype() == DType::f64 ? gradient.data<double>()[0]
                                        : static_cast<double>(gradient.data<float>()[0]);
}

Tensor scaled(const Tensor& tensor, double factor) {
  if (factor == 1.0) return tensor;
  Tensor result = new_tensor(tensor.shape(), tensor.dtype());
  with_real_type(tensor.dtype(), [&]<class T>(T) {
    std::ranges::transform(tensor.span<T>(), result.data<T>(), [&](T value) { return value * static_cast<T>(factor); });
  });
  return result;
}

// The gradients that the forward pass left behind.
struct Eager {
  Tensor dx, dweight, dbias;
};

// Makes the logits again, chunk by chunk within each group of rows.
void recompute(Backward& b, const Tensor& x, const Tensor& weight, const Tensor& bias,
               std::span<const int32_t> targets, const OutputLossOptions& options) {
  const double scale = options.scale * seed_of(b.gradient(0));
  Tensor dx;
  bool accumulate_dx = false;
  if (b.wants(0)) {
    const auto [tensor, accumulate] = b.target(0, x.shape(), x.dtype());
    dx = tensor;
    accumulate_dx = accumulate;
  }
  // Walks the rows of one group; the weight's and the bias's slots are asked for one after the other.
  const auto walk = [&](int64_t begin, int64_t end, const Tensor& to_x, const Tensor& to_weight, const Tensor& to_bias) {
    for (int64_t first = begin; first < end; first += kChunk) {
      const int64_t last = std::min(end, first + kChunk);
      const Tensor part = x.row_range(first, last);
      const ChunkGradient chunk = chunk_gradient(part, weight, bias, targets.subspan(static_cast<size_t>(first), static_cast<size_t>(last - first)), options, scale);
      add_chunk(chunk, part, weight, options.compute, to_x.defined() ? to_x.row_range(first, last) : to_x,
                accumulate_dx, to_weight, to_bias);
    }
  };
  if (b.sink().groups(b.rows()).empty()) {
    Tensor dweight, dbias;
    b.parameter(1, weight.shape(), weight.dtype(), [&](const Tensor& slot, int64_t, int64_t) { dweight = slot; });
    if (bias.defined())
      b.parameter(2, bias.shape(), bias.dtype(), [&](const Tensor& slot, int64_t, int64_t) { dbias = slot; });
    return walk(0, x.rows(), dx, dweight, dbias);
  }
  if (dx.defined()) walk(0, x.rows(), dx, {}, {});
  b.parameter(1, weight.shape(), weight.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) { walk(begin, end, {}, slot, {}); });
  if (bias.defined())
    b.parameter(2, bias.shape(), bias.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) { walk(begin, end, {}, {}, slot); });
}

}  // namespace

OutputLoss output_loss(const Tensor& x, const Tensor& weight, const Tensor& bias,
                       std::span<const int32_t> targets, const Rows& rows,
                       const OutputLossOptions& options) {
  HEDDLE_CHECK(std::ssize(targets) == x.rows(), "{} targets for {} rows", targets.size(), x.rows());
  for (int32_t target : targets)
    if (target < -1 || target >= weight.rows())
      fail_input("target id {} lies outside the vocabulary of {}", target, weight.rows());
  Tape* tape = recording({&x, &weight, &bias});
  Eager eager;
  if (tape && tape->options().scalar_root) {
    eager.dx = new_tensor(x.shape(), x.dtype());
    eager.dweight = new_zeros(weight.shape(), weight.dtype());
    if (bias.defined()) eager.dbias = new_zeros(bias.shape(), bias.dtype());
  }
  OutputLoss result;
  for (int64_t first = 0; first < x.rows(); first += kChunk) {
    const int64_t last = std::min(x.rows(), first + kChunk);
    const Tensor part = x.row_range(first, last);
    const ChunkGradient chunk = chunk_gradient(part, weight, bias, targets.subspan(static_cast<size_t>(first), static_cast<size_t>(last - first)), options, options.scale);
    result.loss_sum += chunk.sums.loss;
    result.nll_sum += chunk.sums.nll;
    result.tokens += chunk.sums.counted;
    result.correct += chunk.sums.correct;
    if (eager.dx.defined())
      add_chunk(chunk, part, weight, options.compute, eager.dx.row_range(first, last), false, eager.dweight, eager.dbias);
  }
  result.loss = new_tensor({1}, x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) { result.loss.data<T>()[0] = static_cast<T>(result.loss_sum * options.scale); });
  if (!tape) return result;
  if (eager.dx.defined()) {
    tape->record({&x, &weight, &bias}, {&result.loss}, rows, [eager](Backward& b) {
      HEDDLE_CHECK(b.sink().groups(b.rows()).empty(),
                   "this loss left one summed gradient behind; record without scalar_root for groups");
      const double seed = seed_of(b.gradient(0));
      if (b.wants(0)) b.pass(0, scaled(eager.dx, seed));
      b.parameter(1, eager.dweight.shape(), eager.dweight.dtype(), [&](const Tensor& slot, int64_t, int64_t) { accumulate(scaled(eager.dweight, seed), slot); });
      if (eager.dbias.defined())
        b.parameter(2, eager.dbias.shape(), eager.dbias.dtype(), [&](const Tensor& slot, int64_t, int64_t) { accumulate(scaled(eager.dbias, seed), slot); });
    });
  } else {
    tape->record({&x, &weight, &bias}, {&result.loss}, rows,
                 [x = tape->save(x), weight = stop_gradient(weight), bias = stop_gradient(bias), targets, options](Backward& b) {
      recompute(b, x.load(), weight, bias, targets, options);
    });
  }
  return result;
}

}  // namespace heddle::ops
