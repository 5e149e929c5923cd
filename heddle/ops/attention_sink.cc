#include "heddle/ops/attention_sink.h"

#include <algorithm>
#include <cmath>

#include "heddle/ops/dispatch.h"

namespace heddle::ops {
namespace {

// What the keys of a row have of its sum, and that sum's logarithm with the sink in it. Safe for a row without keys,
// whose log-sum is -infinity.
double share_of_keys(double log_sum, double sink) { return 1 / (1 + std::exp(sink - log_sum)); }

double joined(double log_sum, double sink) {
  const double top = std::max(log_sum, sink);
  return top + std::log1p(std::exp(std::min(log_sum, sink) - top));
}

}  // namespace

void add_sink(const Tensor& sink, const Tensor& out, const Tensor& log_sum, bool mixed) {
  const int64_t heads = sink.count(), width = out.width() / heads;
  with_real_type(out.dtype(), [&]<class T>(T) {
    for (int64_t r = 0; r < out.rows(); ++r)
      for (int64_t h = 0; h < heads; ++h) {
        double& sum = log_sum.data<double>()[r * heads + h];
        const auto b = static_cast<double>(sink.data<T>()[h]);
        const T share = mixed ? T{1} : static_cast<T>(share_of_keys(sum, b));
        T* values = out.data<T>() + r * out.width() + h * width;
        for (int64_t c = 0; c < width; ++c) values[c] *= share;
        sum = joined(sum, b);
      }
  });
}

void pass_sink_gradient(Backward& b, int input, const Tensor& sink, const Tensor& out, const Tensor& log_sum,
                        const Tensor& dout) {
  const int64_t heads = sink.count(), width = out.width() / heads;
  b.parameter(input, sink.shape(), sink.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
    with_real_type(out.dtype(), [&]<class T>(T) {
      for (int64_t r = begin; r < end; ++r)
        for (int64_t h = 0; h < heads; ++h) {
          const T* o = out.data<T>() + r * out.width() + h * width;
          const T* d = dout.data<T>() + r * dout.width() + h * width;
          T product = 0;
          for (int64_t c = 0; c < width; ++c) product += o[c] * d[c];
          const double log_share = static_cast<double>(sink.data<T>()[h]) - log_sum.data<double>()[r * heads + h];
          slot.data<T>()[h] -= static_cast<T>(std::exp(log_share)) * product;
        }
    });
  });
}

template <class T>
void SinkProbe<T>::scores(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) {
  inner_.scores(sequence, head, rows, columns, values);
  share_.assign(static_cast<size_t>(rows), 0);
  for (int64_t i = 0; i < rows; ++i) {
    T sum = 0;  // Σ_j e^(s_ij - b)
    for (int64_t j = 0; j < columns; ++j) sum += std::exp(values[i * columns + j] - sink_[head]);
    share_[static_cast<size_t>(i)] = std::isinf(sum) ? T{1} : sum / (1 + sum);
  }
}

template <class T>
void SinkProbe<T>::weights(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) values[i * columns + j] *= share_[static_cast<size_t>(i)];
  inner_.weights(sequence, head, rows, columns, values);
}

template class SinkProbe<float>;
template class SinkProbe<double>;

}  // namespace heddle::ops
