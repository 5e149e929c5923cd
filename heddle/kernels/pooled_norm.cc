#include "heddle/kernels/pooled_norm.h"

#include <algorithm>
#include <cmath>

#include "heddle/base/thread_loop.h"

namespace heddle::kernels {

int64_t PooledRows::count(int64_t pool) const {
  int64_t total = 0;
  for (int64_t s = pool * per_pool; s < std::min((pool + 1) * per_pool, sequences()); ++s) total += real(s);
  return total;
}

namespace {

// visit(row, real) for the rows of a pool.
template <class Visit>
void over_pool(const PooledRows& rows, int64_t pool, Visit&& visit) {
  for (int64_t s = pool * rows.per_pool; s < std::min((pool + 1) * rows.per_pool, rows.sequences()); ++s) {
    const int64_t first = rows.offsets[static_cast<size_t>(s)], last = rows.offsets[static_cast<size_t>(s) + 1];
    for (int64_t r = first; r < last; ++r) visit(r, r - first < rows.real(s));
  }
}

// body(pool, group, first column, last column), several threads.
template <class Body>
void over_statistics(const PooledRows& rows, int64_t width, int64_t groups, Body&& body) {
  const int64_t each = width / groups;
  // Neighbouring columns share cache lines.
  parallel_for(rows.pools() * groups, std::max<int64_t>(1, 16 / each), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) body(i / groups, i % groups, i % groups * each, (i % groups + 1) * each);
  });
}

}  // namespace

template <class T>
void pooled_statistics(const PooledRows& rows, int64_t width, int64_t groups, const T* x, double* mean,
                       double* variance) {
  over_statistics(rows, width, groups, [&](int64_t pool, int64_t group, int64_t first, int64_t last) {
    const auto count = static_cast<double>(rows.count(pool) * (last - first));
    double sum = 0, squares = 0;
    over_pool(rows, pool, [&](int64_t r, bool real) {
      for (int64_t c = first; real && c < last; ++c) sum += static_cast<double>(x[r * width + c]);
    });
    const double middle = count > 0 ? sum / count : 0.0;
    over_pool(rows, pool, [&](int64_t r, bool real) {
      for (int64_t c = first; real && c < last; ++c) {
        const double centred = static_cast<double>(x[r * width + c]) - middle;
        squares += centred * centred;
      }
    });
    mean[pool * groups + group] = middle;
    variance[pool * groups + group] = count > 0 ? squares / count : 1.0;
  });
}

template <class T>
void pooled_norm(const PooledRows& rows, int64_t width, int64_t groups, const T* x, const double* mean,
                 const double* variance, double epsilon, const T* gain, const T* shift, T* y) {
  over_statistics(rows, width, groups, [&](int64_t pool, int64_t group, int64_t first, int64_t last) {
    const double middle = mean[pool * groups + group], rstd = 1 / std::sqrt(variance[pool * groups + group] + epsilon);
    over_pool(rows, pool, [&](int64_t r, bool) {
      for (int64_t c = first; c < last; ++c) {
        const double normal = (static_cast<double>(x[r * width + c]) - middle) * rstd;
        y[r * width + c] = static_cast<T>(normal * static_cast<double>(gain[c]) + static_cast<double>(shift[c]));
      }
    });
  });
}

template <class T>
void pooled_norm_backward(const PooledRows& rows, int64_t width, int64_t groups, const T* x, const double* mean,
                          const double* variance, double epsilon, bool fixed, const T* gain, const T* dy, T* dx,
                          T* dgain) {
  over_statistics(rows, width, groups, [&](int64_t pool, int64_t group, int64_t first, int64_t last) {
    const double middle = mean[pool * groups + group], rstd = 1 / std::sqrt(variance[pool * groups + group] + epsilon);
    const auto normal_at = [&](int64_t i) { return (static_cast<double>(x[i]) - middle) * rstd; };
    const auto slope_at = [&](int64_t i, int64_t c) {
      return static_cast<double>(dy[i]) * static_cast<double>(gain[c]);
    };
    double sum = 0, dot = 0;  // of g = dy·gain, and of g·x̂, over all rows: each was normalized
    over_pool(rows, pool, [&](int64_t r, bool) {
      for (int64_t c = first; c < last; ++c) {
        const int64_t i = r * width + c;
        const double normal = normal_at(i);
        dgain[i] = static_cast<T>(static_cast<double>(dy[i]) * normal);
        sum += slope_at(i, c);
        dot += slope_at(i, c) * normal;
      }
    });
    const auto count = static_cast<double>(std::max<int64_t>(rows.count(pool) * (last - first), 1));
    const double mean_sum = fixed ? 0.0 : sum / count, mean_dot = fixed ? 0.0 : dot / count;
    over_pool(rows, pool, [&](int64_t r, bool real) {
      for (int64_t c = first; c < last; ++c) {
        const int64_t i = r * width + c;
        dx[i] = static_cast<T>(rstd * (slope_at(i, c) - (real ? mean_sum + normal_at(i) * mean_dot : 0.0)));
      }
    });
  });
}

#define HEDDLE_INSTANTIATE(T)                                                                                     \
  template void pooled_statistics(const PooledRows&, int64_t, int64_t, const T*, double*, double*);               \
  template void pooled_norm(const PooledRows&, int64_t, int64_t, const T*, const double*, const double*, double,  \
                            const T*, const T*, T*);                                                              \
  template void pooled_norm_backward(const PooledRows&, int64_t, int64_t, const T*, const double*, const double*, \
                                     double, bool, const T*, const T*, T*, T*);
HEDDLE_INSTANTIATE(float)
HEDDLE_INSTANTIATE(double)
#undef HEDDLE_INSTANTIATE

}  // namespace heddle::kernels
