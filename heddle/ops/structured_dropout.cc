#include "heddle/ops/structured_dropout.h"

#include "heddle/kernels/row_pieces.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// m of the pieces that row r goes through, in order.
struct RowFactors {
  RowFactors(const DropoutSite& site, DropoutPiece piece, const Rows& rows, int64_t r)
      : key(site.key.key()),
        example(static_cast<uint64_t>(rows.example[static_cast<size_t>(r)])),
        row(piece.rows > 0 ? static_cast<uint32_t>(rows.position[static_cast<size_t>(r)] / piece.rows) : 0),
        threshold(drop_threshold(site.probability)),
        kept(1 / (1 - site.probability)) {}

  double of(int64_t piece) const {
    return random16(key, example, row, static_cast<uint32_t>(piece)) < threshold ? 0 : kept;
  }

  uint64_t key, example;
  uint32_t row, threshold;
  double kept;
};

Tensor times_factors(const Tensor& x, const DropoutSite& site, DropoutPiece piece, const Rows& rows) {
  const Tensor y = new_tensor(x.shape(), x.dtype());
  const int64_t width = x.width(), step = piece.columns > 0 ? piece.columns : std::max<int64_t>(width, 1);
  with_real_type(x.dtype(), [&]<class T>(T) {
    parallel_for(x.rows(), kernels::row_grain(width), [&](int64_t begin, int64_t end, int) {
      for (int64_t r = begin; r < end; ++r) {
        const RowFactors factors(site, piece, rows, r);
        const T* from = x.strided_data<T>() + r * x.row_stride();
        T* to = y.data<T>() + r * width;
        for (int64_t first = 0; first < width; first += step) {
          const T factor = static_cast<T>(factors.of(first / step));
          for (int64_t c = first; c < std::min(first + step, width); ++c) to[c] = factor * from[c];
        }
      }
    });
  });
  return y;
}

}  // namespace

Tensor structured_dropout(const Tensor& x, const DropoutSite& site, DropoutPiece piece, const Rows& rows) {
  if (!site.active()) return x;
  Tensor y = times_factors(x, site, piece, rows);
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [site, piece](Backward& b) {
      if (b.wants(0)) b.pass(0, times_factors(b.gradient(0), site, piece, b.rows()));
    });
  return y;
}

}  // namespace heddle::ops
