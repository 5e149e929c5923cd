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

// Rows whose logits exist at a time: enough for full speed of the products, and 20 MB in f32 however
// many classes there are (from 160,000 on, 32 rows). Chunks are even, so that their memory is reused.
int64_t chunk_rows(int64_t rows, int64_t vocab) {
  const int64_t most = std::clamp<int64_t>((int64_t{5} << 20) / std::max<int64_t>(1, vocab), 32, 512);
  const int64_t chunks = std::max<int64_t>(1, (rows + most - 1) / most);
  return std::max<int64_t>(1, (rows + chunks - 1) / chunks);
}

// The logits' gradient of some rows for a loss scaled by `scale`, and the sums of these rows. x and weight are
// operands.
struct ChunkGradient {
  Tensor dlogits;  // [rows, vocab]
  kernels::CrossEntropySums sums;
};

ChunkGradient chunk_gradient(const Tensor& x, const Tensor& weight, const Tensor& bias,
                             std::span<const int32_t> targets, const OutputLossOptions& options, double scale) {
  ChunkGradient chunk{product(x, weight, Transposed::b, options.compute), {}};
  with_real_type(chunk.dlogits.dtype(), [&]<class T>(T) {
    chunk.sums = kernels::cross_entropy(x.rows(), weight.rows(), chunk.dlogits.data<T>(),
                                        bias.defined() ? bias.data<T>() : nullptr, targets.data(), options.smoothing,
                                        options.convention, scale);
  });
  return chunk;
}

// dx, dW and db of rows [begin, end), given where they are added (dx: written).
void add_chunk(const ChunkGradient& chunk, const Tensor& x, const Tensor& weight, Compute compute, const Tensor& dx,
               bool accumulate_dx, const Tensor& dweight, const Tensor& dbias) {
  const Tensor dlogits = operand(chunk.dlogits, compute);
  if (dx.defined()) product_into(dlogits, weight, Transposed::none, compute, dx, accumulate_dx);
  if (dweight.defined()) product_into(dlogits, x, Transposed::a, compute, dweight, true);
  if (dbias.defined())
    with_real_type(chunk.dlogits.dtype(), [&]<class T>(T) {
      kernels::add_row_sums(x.rows(), weight.rows(), chunk.dlogits.data<T>(), dbias.data<T>());
    });
}

double seed_of(const Tensor& gradient) {
  return gradient.dtype() == DType::f64 ? gradient.data<double>()[0] : static_cast<double>(gradient.data<float>()[0]);
}

// Gradients that the forward pass computes: dx waits for the backward pass, and so does that of a weight
// which is itself computed; that of a leaf is added to the sink at once.
struct Eager {
  GradientSink* sink = nullptr;
  Tensor dx, dweight, dbias;

  Eager(const Tape* tape, const Tensor& x, const Tensor& weight, const Tensor& bias, const Rows& rows)
      : sink(tape ? tape->eager_sink() : nullptr) {
    if (!sink) return;
    HEDDLE_CHECK(sink->groups(rows).empty(),
                 "an eager sink adds all rows up; record without it for gradients by group");
    if (x.node() != kNoNode) dx = new_tensor(x.shape(), x.dtype());
    dweight = home_of(*tape, weight);
    dbias = home_of(*tape, bias);
  }

 private:
  Tensor home_of(const Tape& tape, const Tensor& value) const {
    if (!value.defined() || value.node() == kNoNode) return {};
    if (!tape.is_leaf(value.node())) return new_zeros(value.shape(), value.dtype());
    return sink->wants(tape, value.node()) ? sink->slot(tape, value.node(), 0) : Tensor{};
  }
};

// What is left to do of an eager loss in the backward pass.
void deliver(Backward& b, const Eager& eager, bool weight_is_leaf, bool bias_is_leaf) {
  HEDDLE_CHECK(&b.sink() == eager.sink && seed_of(b.gradient(0)) == 1.0,
               "a tape with an eager sink goes back once, into that sink, from losses with the factor 1");
  if (b.wants(0)) b.pass(0, eager.dx);
  if (b.wants(1) && !weight_is_leaf) b.pass(1, eager.dweight);
  if (b.wants(2) && !bias_is_leaf) b.pass(2, eager.dbias);
}

// Makes the logits again, chunk by chunk within each group of rows.
void recompute(Backward& b, const Tensor& x, const Tensor& weight, const Tensor& bias, std::span<const int32_t> targets,
               const OutputLossOptions& options) {
  const double scale = options.scale * seed_of(b.gradient(0));
  Tensor dx;
  bool accumulate_dx = false;
  if (b.wants(0)) {
    const auto [tensor, accumulate] = b.target(0, x.shape(), x.dtype());
    dx = tensor;
    accumulate_dx = accumulate;
  }
  const Tensor of_weight = operand(weight, options.compute);
  // Walks the rows of one group; the weight's and the bias's slots are asked for one after the other.
  const auto walk =
      [&](int64_t begin, int64_t end, const Tensor& to_x, const Tensor& to_weight, const Tensor& to_bias) {
    const int64_t step = chunk_rows(end - begin, weight.rows());
    for (int64_t first = begin; first < end; first += step) {
      const int64_t last = std::min(end, first + step);
      const Tensor part = operand(x.row_range(first, last), options.compute);
      const ChunkGradient chunk = chunk_gradient(
          part, of_weight, bias, targets.subspan(static_cast<size_t>(first), static_cast<size_t>(last - first)),
          options, scale);
      add_chunk(chunk, part, of_weight, options.compute, to_x.defined() ? to_x.row_range(first, last) : to_x,
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
  b.parameter(1, weight.shape(), weight.dtype(),
              [&](const Tensor& slot, int64_t begin, int64_t end) { walk(begin, end, {}, slot, {}); });
  if (bias.defined())
    b.parameter(2, bias.shape(), bias.dtype(),
                [&](const Tensor& slot, int64_t begin, int64_t end) { walk(begin, end, {}, {}, slot); });
}

}  // namespace

OutputLoss output_loss(const Tensor& x, const Tensor& weight, const Tensor& bias, std::span<const int32_t> targets,
                       const Rows& rows, const OutputLossOptions& options) {
  HEDDLE_CHECK(std::ssize(targets) == x.rows(), "{} targets for {} rows", targets.size(), x.rows());
  for (int32_t target : targets)
    if (target < -1 || target >= weight.rows())
      fail_input("target id {} lies outside the vocabulary of {}", target, weight.rows());
  Tape* tape = recording({&x, &weight, &bias});
  const Eager eager(tape, x, weight, bias, rows);
  OutputLoss result;
  const Tensor of_weight = operand(weight, options.compute);
  const int64_t step = chunk_rows(x.rows(), weight.rows());
  for (int64_t first = 0; first < x.rows(); first += step) {
    const int64_t last = std::min(x.rows(), first + step);
    const Tensor part = operand(x.row_range(first, last), options.compute);
    const ChunkGradient chunk = chunk_gradient(
        part, of_weight, bias, targets.subspan(static_cast<size_t>(first), static_cast<size_t>(last - first)), options,
        options.scale);
    result.loss_sum += chunk.sums.loss;
    result.nll_sum += chunk.sums.nll;
    result.tokens += chunk.sums.counted;
    result.correct += chunk.sums.correct;
    if (eager.sink)
      add_chunk(chunk, part, of_weight, options.compute,
                eager.dx.defined() ? eager.dx.row_range(first, last) : eager.dx, false, eager.dweight, eager.dbias);
  }
  result.loss = new_tensor({1}, x.dtype());
  with_real_type(x.dtype(),
                 [&]<class T>(T) { result.loss.data<T>()[0] = static_cast<T>(result.loss_sum * options.scale); });
  if (!tape) return result;
  if (eager.sink) {
    tape->record({&x, &weight, &bias}, {&result.loss}, rows,
                 [eager, weight_is_leaf = tape->is_leaf(weight.node()), bias_is_leaf = tape->is_leaf(bias.node())](
                     Backward& b) { deliver(b, eager, weight_is_leaf, bias_is_leaf); });
  } else {
    tape->record({&x, &weight, &bias}, {&result.loss}, rows,
                 [x = tape->save(x), weight = stop_gradient(weight), bias = stop_gradient(bias), targets,
                  options](Backward& b) { recompute(b, x.load(), weight, bias, targets, options); });
  }
  return result;
}

}  // namespace heddle::ops
