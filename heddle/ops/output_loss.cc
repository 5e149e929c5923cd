#include "heddle/ops/output_loss.h"

#include <algorithm>
#include <array>

#include "heddle/kernels/activation.h"
#include "heddle/kernels/consistent_cross_entropy.h"
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

// Rows that are worked on at a time: [begin, end), and with `twin` > 0 those that many rows further on.
struct Chunk {
  int64_t begin, end, twin;

  size_t copies() const { return twin > 0 ? 2 : 1; }
  Tensor of(const Tensor& x, size_t copy) const {
    const int64_t shift = static_cast<int64_t>(copy) * twin;
    return x.row_range(begin + shift, end + shift);
  }
};

// Calls work(Chunk) for the rows [begin, end) of the batch, or all of it twice over.
template <class Work>
void over_chunks(int64_t begin, int64_t end, int64_t vocab, const OutputLossOptions& options, const Work& work) {
  const int64_t twin = options.consistency > 0 ? (end - begin) / 2 : 0;
  const int64_t last = twin > 0 ? begin + twin : end;
  const int64_t step = std::max<int64_t>(1, chunk_rows(end - begin, vocab) / (twin > 0 ? 2 : 1));
  for (int64_t first = begin; first < last; first += step) work(Chunk{first, std::min(last, first + step), twin});
}

// The logits' gradient of a chunk for a loss scaled by `scale`, and the sums of its rows. weight is an operand.
struct ChunkGradient {
  std::array<Tensor, 2> x, dlogits;  // of each copy: the operand, and [rows, vocab]
  kernels::CrossEntropySums sums;
};

ChunkGradient chunk_gradient(const Chunk& rows, const Tensor& x, const Tensor& weight, const Tensor& bias,
                             std::span<const int32_t> targets, const OutputLossOptions& options, double scale) {
  ChunkGradient chunk;
  for (size_t i = 0; i < rows.copies(); ++i) {
    chunk.x[i] = operand(rows.of(x, i), options.compute);
    chunk.dlogits[i] = product(chunk.x[i], weight, Transposed::b, options.compute);
  }
  const int32_t* of_rows = targets.data() + rows.begin;
  with_real_type(chunk.dlogits[0].dtype(), [&]<class T>(T) {
    T* logits = chunk.dlogits[0].data<T>();
    const T* offsets = bias.defined() ? bias.data<T>() : nullptr;
    chunk.sums = rows.twin > 0
                     ? kernels::consistent_cross_entropy(rows.end - rows.begin, weight.rows(), logits,
                                                         chunk.dlogits[1].data<T>(), offsets, of_rows, options.smoothing,
                                                         options.convention, scale, options.consistency)
                     : kernels::cross_entropy(rows.end - rows.begin, weight.rows(), logits, offsets, of_rows,
                                              options.smoothing, options.convention, scale);
  });
  return chunk;
}

// dx, dW and db of a chunk, given where they are added (dx: written).
void add_chunk(const ChunkGradient& chunk, const Chunk& rows, const Tensor& weight, Compute compute, const Tensor& dx,
               bool accumulate_dx, const Tensor& dweight, const Tensor& dbias) {
  for (size_t i = 0; i < rows.copies(); ++i) {
    const Tensor dlogits = operand(chunk.dlogits[i], compute);
    if (dx.defined()) product_into(dlogits, weight, Transposed::none, compute, rows.of(dx, i), accumulate_dx);
    if (dweight.defined()) product_into(dlogits, chunk.x[i], Transposed::a, compute, dweight, true);
    if (dbias.defined())
      with_real_type(chunk.dlogits[i].dtype(), [&]<class T>(T) {
        kernels::add_row_sums(rows.end - rows.begin, weight.rows(), chunk.dlogits[i].data<T>(), dbias.data<T>());
      });
  }
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
    over_chunks(begin, end, weight.rows(), options, [&](const Chunk& rows) {
      const ChunkGradient chunk = chunk_gradient(rows, x, of_weight, bias, targets, options, scale);
      add_chunk(chunk, rows, of_weight, options.compute, to_x, accumulate_dx, to_weight, to_bias);
    });
  };
  if (b.sink().groups(b.rows()).empty()) {
    Tensor dweight, dbias;
    b.parameter(1, weight.shape(), weight.dtype(), [&](const Tensor& slot, int64_t, int64_t) { dweight = slot; });
    if (bias.defined())
      b.parameter(2, bias.shape(), bias.dtype(), [&](const Tensor& slot, int64_t, int64_t) { dbias = slot; });
    return walk(0, x.rows(), dx, dweight, dbias);
  }
  HEDDLE_CHECK(options.consistency == 0, "a loss of pairs of rows has no gradients by group: a pair lies in two");
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
  const size_t half = targets.size() / 2;
  if (options.consistency > 0)
    HEDDLE_CHECK(targets.size() % 2 == 0 && std::ranges::equal(targets.first(half), targets.subspan(half)),
                 "a consistency loss takes the same rows twice, one copy behind the other");
  Tape* tape = recording({&x, &weight, &bias});
  const Eager eager(tape, x, weight, bias, rows);
  OutputLoss result;
  const Tensor of_weight = operand(weight, options.compute);
  over_chunks(0, x.rows(), weight.rows(), options, [&](const Chunk& part) {
    const ChunkGradient chunk = chunk_gradient(part, x, of_weight, bias, targets, options, options.scale);
    result.loss_sum += chunk.sums.loss;
    result.nll_sum += chunk.sums.nll;
    result.tokens += chunk.sums.counted;
    result.correct += chunk.sums.correct;
    if (eager.sink)
      add_chunk(chunk, part, of_weight, options.compute, eager.dx, false, eager.dweight, eager.dbias);
  });
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
