#include "heddle/ops/residual_norm.h"

#include "heddle/kernels/activation.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

using kernels::Activation;

template <class T>
T* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? tensor.data<T>() : nullptr;
}

// What the backward pass of a norm needs.
struct SavedNorm {
  Saved sum, mean, rstd;
  NormWeights weights;
};

struct NormResult {
  Tensor out, mean, rstd;
};

NormResult apply_norm(const Tensor& s, const NormWeights& weights) {
  NormResult result = {new_tensor(s.shape(), s.dtype()), new_tensor({s.rows()}, s.dtype()),
                       new_tensor({s.rows()}, s.dtype())};
  with_real_type(s.dtype(), [&]<class T>(T) {
    kernels::norm(weights.kind, s.rows(), s.width(), s.data<T>(), weights.gain.data<T>(),
                  data_or_null<T>(weights.shift), static_cast<T>(weights.epsilon), result.out.data<T>(),
                  result.mean.data<T>(), result.rstd.data<T>());
  });
  return result;
}

SavedNorm save_norm(Tape& tape, const Tensor& s, const NormResult& result, const NormWeights& weights) {
  return {tape.save(s),
          tape.save(result.mean, SaveHint::exact),
          tape.save(result.rstd, SaveHint::exact),
          {weights.kind, weights.epsilon, stop_gradient(weights.gain), stop_gradient(weights.shift)}};
}

// Adds the gradients of gain and shift (inputs gain_input and gain_input + 1) and returns ds. A row of the tape is
// `pieces` rows of the norm.
void norm_gradients(Backward& b, const SavedNorm& saved, int gain_input, const Tensor& dy, const Tensor& ds,
                    bool accumulate, int64_t pieces = 1) {
  const Tensor s = saved.sum.load(), mean = saved.mean.load(), rstd = saved.rstd.load();
  const NormWeights& w = saved.weights;
  with_real_type(s.dtype(), [&]<class T>(T) {
    kernels::norm_backward(w.kind, s.rows(), s.width(), s.data<T>(), w.gain.data<T>(), mean.data<T>(), rstd.data<T>(),
                           dy.data<T>(), ds.data<T>(), accumulate);
    const auto part = [&](const Tensor& gain, const Tensor& shift, int64_t begin, int64_t end) {
      kernels::norm_parameter_gradients(end - begin, s.width(), s.row_range(begin, end).data<T>(),
                                        mean.data<T>() + begin, rstd.data<T>() + begin,
                                        dy.row_range(begin, end).data<T>(), gain.data<T>(), data_or_null<T>(shift));
    };
    // Gain first; the shift's gradient is the plain sum of the rows.
    b.parameter(gain_input, w.gain.shape(), w.gain.dtype(),
                [&](const Tensor& slot, int64_t begin, int64_t end) { part(slot, {}, begin * pieces, end * pieces); });
    if (w.shift.defined())
      b.parameter(gain_input + 1, w.shift.shape(), w.shift.dtype(),
                  [&](const Tensor& slot, int64_t begin, int64_t end) {
        kernels::add_row_sums((end - begin) * pieces, dy.width(), dy.row_range(begin * pieces, end * pieces).data<T>(),
                              slot.data<T>());
      });
  });
}

// From ds to the branch (input 0), its bias (1) and the residual (2).
void residual_gradients(Backward& b, const Tensor& ds, const Tensor& bias, const DropoutSite& dropout) {
  Tensor dbranch = ds;
  if (dropout.active()) {
    dbranch = new_tensor(ds.shape(), ds.dtype());
    with_real_type(ds.dtype(), [&]<class T>(T) {
      kernels::bias_activation_backward(Activation::none, ds.rows(), ds.width(), static_cast<const T*>(nullptr),
                                        static_cast<const T*>(nullptr), dropout.rule(b.rows()), ds.data<T>(),
                                        dbranch.data<T>());
    });
  }
  if (bias.defined())
    b.parameter(1, bias.shape(), bias.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
      with_real_type(ds.dtype(), [&]<class T>(T) {
        kernels::add_row_sums(end - begin, ds.width(), dbranch.row_range(begin, end).data<T>(), slot.data<T>());
      });
    });
  if (b.wants(0)) b.pass(0, dbranch);
  if (b.wants(2)) b.pass(2, ds);
}

Tensor make_sum(const Tensor& branch, const Tensor& bias, const Tensor& residual, const Rows& rows,
                const DropoutSite& dropout) {
  HEDDLE_CHECK(branch.shape() == residual.shape(), "a branch {} does not fit its residual {}", branch.shape().text(),
               residual.shape().text());
  Tensor s = new_tensor(branch.shape(), branch.dtype());
  with_real_type(branch.dtype(), [&]<class T>(T) {
    kernels::residual_sum(branch.rows(), branch.width(), branch.data<T>(), data_or_null<T>(bias), residual.data<T>(),
                          dropout.rule(rows), s.data<T>());
  });
  return s;
}

}  // namespace

Tensor residual_norm(const Tensor& branch, const Tensor& bias, const Tensor& residual, const NormWeights& weights,
                     const Rows& rows, const DropoutSite& dropout) {
  const Tensor s = make_sum(branch, bias, residual, rows, dropout);
  NormResult result = apply_norm(s, weights);
  if (Tape* tape = recording({&branch, &bias, &residual, &weights.gain, &weights.shift}))
    tape->record({&branch, &bias, &residual, &weights.gain, &weights.shift}, {&result.out}, rows,
                 [saved = save_norm(*tape, s, result, weights), bias = stop_gradient(bias), dropout](Backward& b) {
      const Tensor ds = new_tensor(saved.sum.shape, saved.sum.dtype);
      norm_gradients(b, saved, 3, b.gradient(0), ds, false);
      residual_gradients(b, ds, bias, dropout);
    });
  return result.out;
}

Tensor residual_add(const Tensor& branch, const Tensor& bias, const Tensor& residual, const Rows& rows,
                    const DropoutSite& dropout) {
  Tensor s = make_sum(branch, bias, residual, rows, dropout);
  if (Tape* tape = recording({&branch, &bias, &residual}))
    tape->record({&branch, &bias, &residual}, {&s}, rows, [bias = stop_gradient(bias), dropout](Backward& b) {
      residual_gradients(b, b.gradient(0), bias, dropout);
    });
  return s;
}

Tensor norm(const Tensor& x, const NormWeights& weights, const Rows& rows, int64_t pieces) {
  HEDDLE_CHECK(x.width() % pieces == 0, "{} pieces do not divide rows of width {}", pieces, x.width());
  const Shape shape = {x.rows() * pieces, x.width() / pieces};
  const Tensor vectors = stop_gradient(pieces == 1 ? x : x.reshape(shape));
  NormResult result = apply_norm(vectors, weights);
  Tensor y = pieces == 1 ? result.out : result.out.reshape(x.shape());
  if (Tape* tape = recording({&x, &weights.gain, &weights.shift}))
    tape->record({&x, &weights.gain, &weights.shift}, {&y}, rows,
                 [saved = save_norm(*tape, vectors, result, weights), whole = x.shape(), shape, pieces](Backward& b) {
      const Tensor& dy = b.gradient(0);
      const auto [dx, accumulate] =
          b.wants(0) ? b.target(0, whole, dy.dtype()) : Backward::Target{new_tensor(whole, dy.dtype()), false};
      const Tensor by_vector = pieces == 1 ? dx : dx.reshape(shape);
      norm_gradients(b, saved, 1, pieces == 1 ? dy : dy.reshape(shape), by_vector, accumulate, pieces);
    });
  return y;
}

}  // namespace heddle::ops
