#include "heddle/ops/depthwise_convolution.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "heddle/kernels/row_pieces.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// to += factor⊙from.
template <class T>
void add_product(const T* factor, const T* from, int64_t count, T* to) {
  for (int64_t c = 0; c < count; ++c) to[c] += factor[c] * from[c];
}

struct Shapes {
  int64_t width, channels, taps, back;

  Shapes(const Tensor& x, const Tensor& weight, bool causal)
      : width(x.width()),
        channels(weight.width()),
        taps(weight.rows()),
        back(causal ? weight.rows() - 1 : weight.rows() / 2) {
    HEDDLE_CHECK(channels <= width, "a convolution of {} channels cannot read rows of width {}", channels, width);
  }
};

// The real rows of the sequence of every row; of padding none.
struct Neighbours {
  std::vector<int32_t> begin, end;

  explicit Neighbours(const Rows& rows)
      : begin(static_cast<size_t>(rows.count())), end(static_cast<size_t>(rows.count())) {
    for (int64_t s = 0; s < rows.sequences(); ++s) {
      const int32_t first = rows.offsets[static_cast<size_t>(s)], last = first + rows.real_rows(s);
      std::fill(begin.begin() + first, begin.begin() + last, first);
      std::fill(end.begin() + first, end.begin() + last, last);
    }
  }
  // body(tap, neighbour) for each that there is. `direction`: 1 where taps count towards later rows.
  template <class Body>
  void of_row(const Shapes& shapes, int64_t row, int64_t direction, Body&& body) const {
    const auto at = static_cast<size_t>(row);
    for (int64_t tap = 0; tap < shapes.taps; ++tap)
      if (const int64_t other = row + direction * (tap - shapes.back); other >= begin[at] && other < end[at])
        body(tap, other);
  }
};

// Forward with direction 1; with -1 the gradient of x.
template <class T>
void convolve(const Shapes& s, const Neighbours& neighbours, int64_t rows, int64_t direction, const T* x, const T* w,
              T* y) {
  parallel_for(rows, kernels::row_grain(s.width * (s.taps + 1)), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      std::fill_n(y + r * s.width, s.channels, T{0});
      std::copy_n(x + r * s.width + s.channels, s.width - s.channels, y + r * s.width + s.channels);
      neighbours.of_row(s, r, direction, [&](int64_t tap, int64_t other) {
        add_product(w + tap * s.channels, x + other * s.width, s.channels, y + r * s.width);
      });
    }
  });
}

// dw += Σ over rows [first, last); threads share the channels.
template <class T>
void add_weight_gradient(const Shapes& s, const Neighbours& neighbours, int64_t first, int64_t last, const T* x,
                         const T* dy, T* dw) {
  constexpr int64_t kPiece = 16;
  const int64_t pieces = (s.channels + kPiece - 1) / kPiece;
  parallel_for(pieces, kernels::row_grain(kPiece * s.taps * (last - first)), [&](int64_t begin, int64_t end, int) {
    const int64_t c = begin * kPiece, count = std::min(end * kPiece, s.channels) - c;
    for (int64_t r = first; r < last; ++r)
      neighbours.of_row(s, r, 1, [&](int64_t tap, int64_t other) {
        add_product(dy + r * s.width + c, x + other * s.width + c, count, dw + tap * s.channels + c);
      });
  });
}

}  // namespace

Tensor depthwise_convolution(const Tensor& x, const Tensor& weight, const Rows& rows, bool causal) {
  const Shapes shapes(x, weight, causal);
  HEDDLE_CHECK(x.rows() == rows.count(), "a convolution over {} rows of {}", rows.count(), x.rows());
  const auto neighbours = std::make_shared<const Neighbours>(rows);
  Tensor y = new_tensor(x.shape(), x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    convolve(shapes, *neighbours, x.rows(), 1, x.data<T>(), weight.data<T>(), y.data<T>());
  });
  if (Tape* tape = recording({&x, &weight}))
    tape->record({&x, &weight}, {&y}, rows,
                 [x = tape->save(x), weight = stop_gradient(weight), shapes, neighbours](Backward& b) {
      const Tensor& dy = b.gradient(0);
      with_real_type(dy.dtype(), [&]<class T>(T) {
        if (b.wants(0)) {
          const Tensor dx = new_tensor(dy.shape(), dy.dtype());
          convolve(shapes, *neighbours, dy.rows(), -1, dy.data<T>(), weight.data<T>(), dx.data<T>());
          b.pass(0, dx);
        }
        if (!b.wants(1)) return;
        const Tensor from = x.load();
        b.parameter(1, weight.shape(), weight.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
          add_weight_gradient(shapes, *neighbours, begin, end, from.data<T>(), dy.data<T>(), slot.data<T>());
        });
      });
    });
  return y;
}

Tensor advance_convolution(const Tensor& x, const Tensor& weight, const Tensor& past, std::span<const int32_t> parents,
                           const Tensor& states) {
  const Shapes s(x, weight, true);
  const int64_t kept = (s.taps - 1) * s.channels;
  HEDDLE_CHECK(states.width() == kept && std::ssize(parents) == x.rows(), "states {} do not fit {} rows of {} taps",
               states.shape().text(), x.rows(), s.taps);
  Tensor y = new_tensor(x.shape(), x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    std::vector<T> inputs(static_cast<size_t>(s.taps * s.channels));
    for (int64_t r = 0; r < x.rows(); ++r) {
      const T* row = x.data<T>() + r * s.width;
      const int32_t parent = parents[static_cast<size_t>(r)];
      if (parent < 0) std::ranges::fill(inputs, T{0});
      else std::copy_n(past.strided_data<T>() + parent * past.row_stride(), kept, inputs.data());
      std::copy_n(row, s.channels, inputs.data() + kept);
      T* to = y.data<T>() + r * s.width;
      std::fill_n(to, s.channels, T{0});
      std::copy_n(row + s.channels, s.width - s.channels, to + s.channels);
      for (int64_t tap = 0; tap < s.taps; ++tap)
        add_product(weight.data<T>() + tap * s.channels, inputs.data() + tap * s.channels, s.channels, to);
      std::copy_n(inputs.data() + s.channels, kept, states.strided_data<T>() + r * states.row_stride());
    }
  });
  return y;
}

}  // namespace heddle::ops
