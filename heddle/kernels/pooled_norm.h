#pragma once
// Normalization by mean and variance over many rows: of a column over a batch, of a group of columns over a sequence.
//
//   y = (x - mean)·rstd·gain + shift, mean and rstd = 1/√(var + ε) of (pool, group of width/groups columns)
//
// x, y [rows, width]; gain, shift [width]; mean, variance [pools, groups]. Sequences lie end to end by `offsets`; the
// first `length[s]` rows of sequence s are real and have a part in the statistics, all are normalized by them. A pool
// is `per_pool` sequences. A pool without a real row has mean 0 and variance 1.
//
// Statistics and what is made of them are in double, whatever T is: where the few numbers of a pool are nearly alike,
// rstd is large and multiplies what is left of differences between them.

#include <cstdint>
#include <span>

namespace heddle::kernels {

struct PooledRows {
  std::span<const int32_t> offsets;  // [sequences + 1]
  std::span<const int32_t> length;   // [sequences]; empty: all real
  int64_t per_pool = 1;

  int64_t sequences() const { return offsets.empty() ? 0 : std::ssize(offsets) - 1; }
  int64_t pools() const { return per_pool == 0 ? 0 : (sequences() + per_pool - 1) / per_pool; }
  int64_t real(int64_t s) const {
    const auto at = static_cast<size_t>(s);
    return length.empty() ? offsets[at + 1] - offsets[at] : length[at];
  }
  // Real rows of a pool.
  int64_t count(int64_t pool) const;
};

template <class T>
void pooled_statistics(const PooledRows& rows, int64_t width, int64_t groups, const T* x, double* mean,
                       double* variance);

template <class T>
void pooled_norm(const PooledRows& rows, int64_t width, int64_t groups, const T* x, const double* mean,
                 const double* variance, double epsilon, const T* gain, const T* shift, T* y);

// dx written; `fixed`: mean and variance are constants. dgain [rows, width] written: each row's part.
template <class T>
void pooled_norm_backward(const PooledRows& rows, int64_t width, int64_t groups, const T* x, const double* mean,
                          const double* variance, double epsilon, bool fixed, const T* gain, const T* dy, T* dx,
                          T* dgain);

}  // namespace heddle::kernels
