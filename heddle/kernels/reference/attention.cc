#include "heddle/kernels/reference/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>

#include "heddle/kernels/operation_count.h"

namespace heddle::kernels::reference {
namespace {

template <class T>
constexpr T kMinusInfinity = -std::numeric_limits<T>::infinity();

// One (query sequence, head) and the columns of all its sources end to end.
template <class T>
class Slice {
 public:
  Slice(const AttentionPlan<T>& plan, const AttentionQueries<T>& queries, std::span<const KeySource<T>> sources,
        int64_t sequence, int head)
      : plan_(plan),
        queries_(queries),
        sources_(sources),
        sequence_(sequence),
        head_(head),
        key_head_(head / (plan.query_heads / plan.key_heads)),
        first_row_(queries.offsets[static_cast<size_t>(sequence)]),
        rows_(queries.offsets[static_cast<size_t>(sequence) + 1] - first_row_) {
    for (const KeySource<T>& source : sources) columns_ += length(source);
  }

  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  int64_t row(int64_t i) const { return first_row_ + i; }
  int head() const { return head_; }
  const T* q(int64_t i) const { return queries_.q + row(i) * queries_.stride + head_ * plan_.key_width; }

  // Calls visit(source number, source, j within the source, column).
  template <class Visit>
  void for_each_column(Visit&& visit) const {
    int64_t column = 0;
    for (size_t s = 0; s < sources_.size(); ++s)
      for (int64_t j = 0; j < length(sources_[s]); ++j) visit(s, sources_[s], j, column++);
  }
  const T* key(const KeySource<T>& source, int64_t j) const {
    return source.keys + source.row(key_sequence(source), j) * source.key_stride + key_head_ * plan_.key_width;
  }
  const T* value(const KeySource<T>& source, int64_t j) const {
    return source.values + source.row(key_sequence(source), j) * source.value_stride + key_head_ * plan_.value_width;
  }
  int64_t key_row(const KeySource<T>& source, int64_t j) const { return source.row(key_sequence(source), j); }
  int key_head() const { return key_head_; }

  int64_t query_position(const KeySource<T>& source, int64_t i) const {
    return i + (source.query_start.empty() ? 0 : source.query_start[static_cast<size_t>(sequence_)]);
  }
  int64_t key_position(const KeySource<T>& source, int64_t j) const {
    return j + (source.key_start.empty() ? 0 : source.key_start[static_cast<size_t>(key_sequence(source))]);
  }
  float dropout(const KeySource<T>& source, int64_t i, int64_t j) const {
    if (!plan_.dropout.active()) return 1;
    return random16(mix64(plan_.dropout.key ^ static_cast<uint64_t>(head_)),
                    static_cast<uint64_t>(plan_.dropout.example[sequence_]),
                    static_cast<uint32_t>(query_position(source, i)),
                    static_cast<uint32_t>(key_position(source, j))) < plan_.dropout.threshold
               ? 0.0f
               : plan_.dropout.scale;
  }
  ScoreTile tile(size_t source, int64_t stride) const {
    return {sequence_,
            static_cast<int64_t>(source),
            head_,
            query_position(sources_[source], 0),
            key_position(sources_[source], 0),
            rows_,
            length(sources_[source]),
            stride,
            queries_.stride};
  }
  int64_t length(const KeySource<T>& source) const { return source.length[static_cast<size_t>(key_sequence(source))]; }

  // scores [rows, columns], -infinity where a mask forbids; `capped` receives the derivative of the
  // soft cap (1 without one) when it is not null.
  void scores(T* score, T* capped) const {
    for (int64_t i = 0; i < rows_; ++i)
      for_each_column([&](size_t, const KeySource<T>& source, int64_t j, int64_t column) {
        const T* k = key(source, j);
        T dot = 0;
        for (int64_t d = 0; d < plan_.key_width; ++d) dot += q(i)[d] * k[d];
        dot *= plan_.scale;
        T slope = 1;
        if (plan_.soft_cap > 0) {
          const T t = std::tanh(dot / plan_.soft_cap);
          dot = plan_.soft_cap * t;
          slope = 1 - t * t;
        }
        score[i * columns_ + column] = dot;
        if (capped) capped[i * columns_ + column] = slope;
      });
    int64_t first = 0;
    for (size_t s = 0; s < sources_.size() && rows_ > 0; ++s) {
      for (const ScoreTerm<T>* term : plan_.terms) term->add(tile(s, columns_), q(0), score + first);
      first += length(sources_[s]);
    }
    mask(score);
  }

 private:
  // Adds what the masks add, and hides what they hide.
  void mask(T* score) const {
    int64_t first = 0;
    for (const KeySource<T>& source : sources_) {
      const Mask& mask = source.mask_of(head_);
      const MaskFacts facts = source.facts(sequence_, first_row_, rows_);
      for (int64_t i = 0; i < rows_; ++i)
        for (int64_t j = 0; j < length(source); ++j) {
          const int64_t query = query_position(source, i), key = key_position(source, j);
          T& element = score[i * columns_ + first + j];
          for (const MaskBias& bias : mask.biases())
            if (bias.where.allowed(query, key, facts)) element += static_cast<T>(bias.score);
          if (!mask.allowed(query, key, facts)) element = kMinusInfinity<T>;
        }
      first += length(source);
    }
  }

  int64_t key_sequence(const KeySource<T>& source) const { return source.key_sequence(sequence_); }

  const AttentionPlan<T>& plan_;
  const AttentionQueries<T>& queries_;
  std::span<const KeySource<T>> sources_;
  int64_t sequence_;
  int head_, key_head_;
  int64_t first_row_, rows_, columns_ = 0;
};

template <class T>
int64_t sequences(const AttentionQueries<T>& queries) {
  return queries.offsets.empty() ? 0 : std::ssize(queries.offsets) - 1;
}

// The reference does every pair, whatever the masks say.
template <class T>
void count_pairs(const Slice<T>& slice, int64_t operations) {
  count_operations(Operation::attention, 2 * operations * slice.rows() * slice.columns());
}

template <class T>
double log_sum_exp(const T* score, int64_t columns) {
  T top = kMinusInfinity<T>;
  for (int64_t j = 0; j < columns; ++j) top = std::max(top, score[j]);
  if (top == kMinusInfinity<T>) return kMinusInfinity<double>;
  double sum = 0;
  for (int64_t j = 0; j < columns; ++j) sum += static_cast<double>(std::exp(score[j] - top));
  return static_cast<double>(top) + std::log(sum);
}

// score → weight, given the row's log-sum; nothing to see gives zeros.
template <class T>
void weights_from_scores(T* score, int64_t columns, double log_sum) {
  for (int64_t j = 0; j < columns; ++j)
    score[j] =
        log_sum == kMinusInfinity<double> ? T{0} : std::exp(static_cast<T>(static_cast<double>(score[j]) - log_sum));
}

}  // namespace

template <class T>
void attention(const AttentionPlan<T>& plan, const AttentionQueries<T>& queries, std::span<const KeySource<T>> sources,
               T* out, int64_t out_stride, double* log_sum, AttentionScratch& scratch) {
  scratch.prepare(1);
  for (int64_t sequence = 0; sequence < sequences(queries); ++sequence)
    for (int head = 0; head < plan.query_heads; ++head) {
      const Slice<T> slice(plan, queries, sources, sequence, head);
      const int64_t n = slice.columns();
      count_pairs(slice, plan.key_width + plan.value_width);
      T* weight = scratch.take<T>(0, slice.rows() * n);
      slice.scores(weight, nullptr);
      if (plan.probe) plan.probe->scores(sequence, head, slice.rows(), n, weight);
      for (int64_t i = 0; i < slice.rows(); ++i) {
        double& sum = log_sum[slice.row(i) * plan.query_heads + head];
        sum = log_sum_exp(weight + i * n, n);
        weights_from_scores(weight + i * n, n, sum);
      }
      if (plan.probe) plan.probe->weights(sequence, head, slice.rows(), n, weight);
      for (int64_t i = 0; i < slice.rows(); ++i) {
        T* result = out + slice.row(i) * out_stride + head * plan.value_width;
        std::fill_n(result, plan.value_width, T{0});
        slice.for_each_column([&](size_t, const KeySource<T>& source, int64_t j, int64_t column) {
          const T p = weight[i * n + column] * static_cast<T>(slice.dropout(source, i, j));
          const T* v = slice.value(source, j);
          for (int64_t d = 0; d < plan.value_width; ++d) result[d] += p * v[d];
        });
      }
    }
}

template <class T>
void attention_backward(const AttentionPlan<T>& plan, const AttentionQueries<T>& queries,
                        std::span<const KeySource<T>> sources, const AttentionGradients<T>& gradients,
                        AttentionScratch& scratch) {
  scratch.prepare(1);
  for (int64_t sequence = 0; sequence < sequences(queries); ++sequence)
    for (int head = 0; head < plan.query_heads; ++head) {
      const Slice<T> slice(plan, queries, sources, sequence, head);
      const int64_t n = slice.columns(), rows = slice.rows();
      count_pairs(slice, 3 * plan.key_width + 2 * plan.value_width);
      T* weight = scratch.take<T>(0, 3 * rows * n);
      T* slope = weight + rows * n;
      T* dscore = slope + rows * n;
      slice.scores(weight, slope);
      if (plan.probe) plan.probe->scores(sequence, head, rows, n, weight);
      for (int64_t i = 0; i < rows; ++i)
        weights_from_scores(weight + i * n, n, gradients.log_sum[slice.row(i) * plan.query_heads + head]);
      if (plan.probe) plan.probe->weights(sequence, head, rows, n, weight);
      for (int64_t i = 0; i < rows; ++i) {
        const T* dout = gradients.dout + slice.row(i) * gradients.dout_stride + head * plan.value_width;
        const T* out = gradients.out + slice.row(i) * gradients.out_stride + head * plan.value_width;
        T row_sum = 0;  // Σ_j p_j dp_j = out · dout
        for (int64_t d = 0; d < plan.value_width; ++d) row_sum += out[d] * dout[d];
        slice.for_each_column([&](size_t s, const KeySource<T>& source, int64_t j, int64_t column) {
          const T factor = static_cast<T>(slice.dropout(source, i, j));
          const T p = weight[i * n + column];
          const T* v = slice.value(source, j);
          T* dv = gradients.sources[s].dvalues + slice.key_row(source, j) * gradients.sources[s].value_stride +
                  slice.key_head() * plan.value_width;
          T dp = 0;
          for (int64_t d = 0; d < plan.value_width; ++d) {
            dp += dout[d] * v[d];
            dv[d] += p * factor * dout[d];
          }
          dscore[i * n + column] = p * (dp * factor - row_sum);
        });
      }
      for (int64_t i = 0; i < rows; ++i)
        std::fill_n(gradients.dq + slice.row(i) * gradients.dq_stride + head * plan.key_width, plan.key_width, T{0});
      int64_t first = 0;
      for (size_t s = 0; s < sources.size() && rows > 0; ++s) {
        ScoreTile tile = slice.tile(s, n);
        tile.gradient_stride = gradients.dq_stride;
        for (const ScoreTerm<T>* term : std::views::reverse(plan.terms))
          term->backward(tile, slice.q(0), dscore + first,
                         gradients.dq + slice.row(0) * gradients.dq_stride + head * plan.key_width, 0);
        first += slice.length(sources[s]);
      }
      for (int64_t i = 0; i < rows; ++i) {
        T* dq = gradients.dq + slice.row(i) * gradients.dq_stride + head * plan.key_width;
        slice.for_each_column([&](size_t s, const KeySource<T>& source, int64_t j, int64_t column) {
          const T ds = dscore[i * n + column] * slope[i * n + column] * plan.scale;
          const T* k = slice.key(source, j);
          T* dk = gradients.sources[s].dkeys + slice.key_row(source, j) * gradients.sources[s].key_stride +
                  slice.key_head() * plan.key_width;
          for (int64_t d = 0; d < plan.key_width; ++d) {
            dq[d] += ds * k[d];
            dk[d] += ds * slice.q(i)[d];
          }
        });
      }
    }
}

#define HEDDLE_INSTANTIATE(T)                                                                                          \
  template void attention(const AttentionPlan<T>&, const AttentionQueries<T>&, std::span<const KeySource<T>>, T*,      \
                          int64_t, double*, AttentionScratch&);                                                        \
  template void attention_backward(const AttentionPlan<T>&, const AttentionQueries<T>&, std::span<const KeySource<T>>, \
                                   const AttentionGradients<T>&, AttentionScratch&);
HEDDLE_INSTANTIATE(float)
HEDDLE_INSTANTIATE(double)
#undef HEDDLE_INSTANTIATE

}  // namespace heddle::kernels::reference
