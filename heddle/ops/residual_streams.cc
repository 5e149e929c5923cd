#include "heddle/ops/residual_streams.h"

#include "heddle/kernels/dot.h"
#include "heddle/kernels/row_pieces.h"
#include "heddle/ops/row_sums.h"

namespace heddle::ops {
namespace {

// The mixing of each row.
template <class T>
struct Mixing {
  Mixing(const Tensor& weights, int64_t n)
      : first(weights.data<T>()), step(weights.shape().rank() > 1 ? weights.width() : 0), columns(n + 2) {}
  T at(int64_t row, int64_t i, int64_t column) const { return first[row * step + i * columns + column]; }
  const T* first;
  int64_t step, columns;
};

// to += factor·from.
template <class T>
void add_stream(T factor, const T* from, int64_t width, T* to) {
  for (int64_t c = 0; c < width; ++c) to[c] += factor * from[c];
}

// body(row) on all threads; `streams` passes over rows of x.
template <class Body>
void over_stream_rows(const Tensor& x, int64_t streams, Body&& body) {
  parallel_for(x.rows(), kernels::row_grain(x.width() * streams), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) body(r);
  });
}

void check_mixing(const Tensor& x, const Tensor& mixing, int64_t streams) {
  HEDDLE_CHECK(x.width() % streams == 0 && mixing.width() == streams * (streams + 2) &&
                   (mixing.shape().rank() == 1 || mixing.rows() == x.rows()),
               "a mixing {} does not fit {} streams {}", mixing.shape().text(), streams, x.shape().text());
}

// What waits of a mixing for the backward pass.
Saved save_mixing(Tape& tape, const Tensor& mixing) { return tape.save(mixing, SaveHint::exact); }

// The gradient of a mixing, `of_rows` [tokens, n·(n + 2)], to where it belongs.
void deliver_mixing(Backward& b, int input, const Tensor& mixing, const Tensor& of_rows) {
  if (!b.wants(input)) return;
  if (mixing.shape().rank() > 1) b.pass(input, of_rows);
  else add_row_sums(b, input, mixing, of_rows);
}

// y_j = factor·Σ of the streams of x where it is wide, or y = x in each of them.
Tensor gathered(const Tensor& x, int64_t streams, double factor) {
  const int64_t width = x.width() / streams;
  Tensor y = new_zeros({x.rows(), width}, x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    over_stream_rows(x, 1, [&](int64_t r) {
      for (int64_t i = 0; i < streams; ++i)
        add_stream(static_cast<T>(factor), x.data<T>() + (r * streams + i) * width, width, y.data<T>() + r * width);
    });
  });
  return y;
}

Tensor spread(const Tensor& x, int64_t streams, double factor) {
  const int64_t width = x.width();
  Tensor y = new_zeros({x.rows(), streams * width}, x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    over_stream_rows(x, streams, [&](int64_t r) {
      for (int64_t i = 0; i < streams; ++i)
        add_stream(static_cast<T>(factor), x.data<T>() + r * width, width, y.data<T>() + (r * streams + i) * width);
    });
  });
  return y;
}

}  // namespace

Tensor read_streams(const Tensor& x, const Tensor& mixing, int64_t streams, const Rows& rows) {
  check_mixing(x, mixing, streams);
  const int64_t width = x.width() / streams;
  Tensor y = new_zeros({x.rows(), width}, x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    const Mixing<T> w(mixing, streams);
    over_stream_rows(x, 1, [&](int64_t r) {
      for (int64_t i = 0; i < streams; ++i)
        add_stream(w.at(r, i, 0), x.data<T>() + (r * streams + i) * width, width, y.data<T>() + r * width);
    });
  });
  if (Tape* tape = recording({&x, &mixing}))
    tape->record({&x, &mixing}, {&y}, rows,
                 [x = tape->save(x), mixing = save_mixing(*tape, mixing), streams, width](Backward& b) {
      const Tensor value = x.load(), of_mixing = mixing.load(), dx = new_zeros(x.shape, x.dtype),
                   dmixing = new_zeros({x.shape.rows(), of_mixing.width()}, x.dtype);
      const Tensor& dy = b.gradient(0);
      with_real_type(x.dtype, [&]<class T>(T) {
        const Mixing<T> w(of_mixing, streams);
        over_stream_rows(value, 2, [&](int64_t r) {
          const T* g = dy.data<T>() + r * width;
          for (int64_t i = 0; i < streams; ++i) {
            const int64_t at = (r * streams + i) * width;
            add_stream(w.at(r, i, 0), g, width, dx.data<T>() + at);
            dmixing.data<T>()[r * dmixing.width() + i * w.columns] = kernels::dot(value.data<T>() + at, g, width);
          }
        });
      });
      deliver_mixing(b, 1, of_mixing, dmixing);
      if (b.wants(0)) b.pass(0, dx);
    });
  return y;
}

Tensor write_streams(const Tensor& x, const Tensor& branch, const Tensor& mixing, int64_t streams, const Rows& rows) {
  check_mixing(x, mixing, streams);
  const int64_t width = x.width() / streams;
  HEDDLE_CHECK(branch.rows() == x.rows() && branch.width() == width, "a branch {} does not fit {} streams {}",
               branch.shape().text(), streams, x.shape().text());
  Tensor y = new_zeros(x.shape(), x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    const Mixing<T> w(mixing, streams);
    over_stream_rows(x, streams, [&](int64_t r) {
      for (int64_t j = 0; j < streams; ++j) {
        T* to = y.data<T>() + (r * streams + j) * width;
        for (int64_t i = 0; i < streams; ++i)
          add_stream(w.at(r, i, 1 + j), x.data<T>() + (r * streams + i) * width, width, to);
        add_stream(w.at(r, j, streams + 1), branch.data<T>() + r * width, width, to);
      }
    });
  });
  if (Tape* tape = recording({&x, &branch, &mixing}))
    tape->record({&x, &branch, &mixing}, {&y}, rows,
                 [x = tape->save(x), branch = tape->save(branch), mixing = save_mixing(*tape, mixing), streams,
                  width](Backward& b) {
      const Tensor value = x.load(), of_branch = branch.load(), of_mixing = mixing.load(),
                   dx = new_zeros(x.shape, x.dtype), dbranch = new_zeros(branch.shape, x.dtype),
                   dmixing = new_zeros({x.shape.rows(), of_mixing.width()}, x.dtype);
      const Tensor& dy = b.gradient(0);
      with_real_type(x.dtype, [&]<class T>(T) {
        const Mixing<T> w(of_mixing, streams);
        over_stream_rows(value, 2 * streams, [&](int64_t r) {
          const T* z = of_branch.data<T>() + r * width;
          T* dw = dmixing.data<T>() + r * dmixing.width();
          for (int64_t j = 0; j < streams; ++j) {
            const T* g = dy.data<T>() + (r * streams + j) * width;
            for (int64_t i = 0; i < streams; ++i) {
              const int64_t at = (r * streams + i) * width;
              add_stream(w.at(r, i, 1 + j), g, width, dx.data<T>() + at);
              dw[i * w.columns + 1 + j] = kernels::dot(value.data<T>() + at, g, width);
            }
            add_stream(w.at(r, j, streams + 1), g, width, dbranch.data<T>() + r * width);
            dw[j * w.columns + streams + 1] = kernels::dot(z, g, width);
          }
        });
      });
      deliver_mixing(b, 2, of_mixing, dmixing);
      if (b.wants(0)) b.pass(0, dx);
      if (b.wants(1)) b.pass(1, dbranch);
    });
  return y;
}

Tensor stream_products(const Tensor& x, const Tensor& a, const Rows& rows) {
  const int64_t width = a.width(), streams = x.width() / width, m = a.rows();
  HEDDLE_CHECK(x.width() % width == 0, "streams {} do not fit a matrix {}", x.shape().text(), a.shape().text());
  Tensor y = new_tensor({x.rows(), streams * m}, x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    over_stream_rows(x, m, [&](int64_t r) {
      for (int64_t i = 0; i < streams; ++i)
        for (int64_t k = 0; k < m; ++k)
          y.data<T>()[(r * streams + i) * m + k] =
              kernels::dot(x.data<T>() + (r * streams + i) * width, a.data<T>() + k * width, width);
    });
  });
  if (Tape* tape = recording({&x, &a}))
    tape->record({&x, &a}, {&y}, rows, [x = tape->save(x), a = stop_gradient(a), streams, width, m](Backward& b) {
      const Tensor value = x.load();
      const Tensor& dy = b.gradient(0);
      with_real_type(x.dtype, [&]<class T>(T) {
        if (b.wants(0)) {
          const Tensor dx = new_zeros(x.shape, x.dtype);
          over_stream_rows(value, m, [&](int64_t r) {
            for (int64_t v = r * streams; v < (r + 1) * streams; ++v)
              for (int64_t k = 0; k < m; ++k)
                add_stream(dy.data<T>()[v * m + k], a.data<T>() + k * width, width, dx.data<T>() + v * width);
          });
          b.pass(0, dx);
        }
        b.parameter(1, a.shape(), a.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
          for (int64_t v = begin * streams; v < end * streams; ++v)
            for (int64_t k = 0; k < m; ++k)
              add_stream(dy.data<T>()[v * m + k], value.data<T>() + v * width, width, slot.data<T>() + k * width);
        });
      });
    });
  return y;
}

Tensor into_streams(const Tensor& x, int64_t streams, const Rows& rows) {
  Tensor y = spread(x, streams, 1.0);
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [streams](Backward& b) {
      if (b.wants(0)) b.pass(0, gathered(b.gradient(0), streams, 1.0));
    });
  return y;
}

Tensor mean_of_streams(const Tensor& x, int64_t streams, const Rows& rows) {
  HEDDLE_CHECK(x.width() % streams == 0, "{} are not {} streams", x.shape().text(), streams);
  const double share = 1 / static_cast<double>(streams);
  Tensor y = gathered(x, streams, share);
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [streams, share](Backward& b) {
      if (b.wants(0)) b.pass(0, spread(b.gradient(0), streams, share));
    });
  return y;
}

}  // namespace heddle::ops
