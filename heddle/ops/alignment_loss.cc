#include "heddle/ops/alignment_loss.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "heddle/kernels/cross_entropy.h"
#include "heddle/kernels/dot.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// to += factor·from.
template <class T>
void add(T factor, const T* from, int64_t width, T* to) {
  for (int64_t i = 0; i < width; ++i) to[i] += factor * from[i];
}

// Calls body(t, first key row, its places, log p_t) for every target token with links.
template <class T, class Body>
void for_linked(const Tensor& q, const Tensor& k, const Rows& query_rows, const Rows& key_rows, const Links& links,
                const AlignmentLossOptions& options, const Body& body) {
  const int64_t width = q.width() / options.heads, head = options.head * width;
  std::vector<T> log_p;
  for (size_t s = 0; s + 1 < query_rows.offsets.size(); ++s) {
    const int64_t first = key_rows.offsets[s], keys = key_rows.offsets[s + 1] - first;
    for (int64_t t = query_rows.offsets[s]; t < query_rows.offsets[s + 1]; ++t) {
      const auto at = static_cast<size_t>(t);
      const auto from = static_cast<size_t>(links.offsets[at]), to = static_cast<size_t>(links.offsets[at + 1]);
      if (from == to) continue;
      log_p.resize(static_cast<size_t>(keys));
      const T* query = q.strided_data<T>() + t * q.row_stride() + head;
      for (int64_t j = 0; j < keys; ++j)
        log_p[static_cast<size_t>(j)] =
            static_cast<T>(options.score_scale) *
            kernels::dot(query, k.strided_data<T>() + (first + j) * k.row_stride() + head, width);
      kernels::log_softmax(1, keys, log_p.data());
      body(t, first, links.places.subspan(from, to - from), log_p);
    }
  }
}

void check(const Tensor& q, const Tensor& k, const Rows& query_rows, const Rows& key_rows, const Links& links,
           const AlignmentLossOptions& options) {
  HEDDLE_CHECK(
      q.width() == k.width() && q.width() % options.heads == 0 && options.head >= 0 && options.head < options.heads,
      "head {} of {} cannot be compared for queries {} and keys {}", options.head, options.heads, q.shape().text(),
      k.shape().text());
  HEDDLE_CHECK(query_rows.sequences() == key_rows.sequences(),
               "{} target sequences cannot be aligned to {} source sequences", query_rows.sequences(),
               key_rows.sequences());
  HEDDLE_CHECK(std::ssize(links.offsets) == q.rows() + 1 && (links.offsets.back() == std::ssize(links.places)),
               "links of {} target tokens were given for {}", std::ssize(links.offsets) - 1, q.rows());
  for (size_t s = 0; s + 1 < query_rows.offsets.size(); ++s) {
    const int32_t keys = key_rows.offsets[s + 1] - key_rows.offsets[s];
    const auto first = links.offsets[static_cast<size_t>(query_rows.offsets[s])],
               last = links.offsets[static_cast<size_t>(query_rows.offsets[s + 1])];
    for (int32_t link = first; link < last; ++link) {
      const int32_t place = links.places[static_cast<size_t>(link)];
      HEDDLE_CHECK(place >= 0 && place < keys, "a link to place {} of a source sequence that has {} tokens", place,
                   keys);
    }
  }
}

}  // namespace

AlignmentLoss alignment_loss(const Tensor& q, const Tensor& k, const Rows& query_rows, const Rows& key_rows,
                             const Links& links, const AlignmentLossOptions& options) {
  check(q, k, query_rows, key_rows, links, options);
  AlignmentLoss result = {new_tensor({1}, q.dtype()), 0, 0};
  with_real_type(q.dtype(), [&]<class T>(T) {
    for_linked<T>(q, k, query_rows, key_rows, links, options,
                  [&](int64_t, int64_t, auto places, const std::vector<T>& log_p) {
      double sum = 0;
      for (const int32_t place : places) sum -= static_cast<double>(log_p[static_cast<size_t>(place)]);
      result.loss_sum += sum / static_cast<double>(places.size());
      ++result.tokens;
    });
    result.loss.data<T>()[0] = static_cast<T>(result.loss_sum * options.scale);
  });
  if (Tape* tape = recording({&q, &k}))
    tape->record({&q, &k}, {&result.loss}, query_rows,
                 [saved_q = tape->save(q), saved_k = tape->save(k), key_rows, links, options](Backward& b) {
      const Tensor queries = saved_q.load(), keys = saved_k.load();
      const Tensor dq = new_zeros(saved_q.shape, saved_q.dtype), dk = new_zeros(saved_k.shape, saved_k.dtype);
      with_real_type(queries.dtype(), [&]<class T>(T) {
        const int64_t width = queries.width() / options.heads, head = options.head * width;
        const T factor = b.gradient(0).template data<T>()[0] * static_cast<T>(options.scale * options.score_scale);
        for_linked<T>(queries, keys, b.rows(), key_rows, links, options,
                      [&](int64_t t, int64_t first, auto places, std::vector<T>& log_p) {
          for (T& value : log_p) value = std::exp(value);
          for (const int32_t place : places) log_p[static_cast<size_t>(place)] -= T{1} / static_cast<T>(places.size());
          for (size_t j = 0; j < log_p.size(); ++j) {
            const int64_t row = first + static_cast<int64_t>(j);
            add(factor * log_p[j], keys.strided_data<T>() + row * keys.row_stride() + head, width,
                dq.data<T>() + t * dq.width() + head);
            add(factor * log_p[j], queries.strided_data<T>() + t * queries.row_stride() + head, width,
                dk.data<T>() + row * dk.width() + head);
          }
        });
      });
      if (b.wants(0)) b.pass(0, dq);
      if (b.wants(1)) b.pass(1, dk);
    });
  return result;
}

}  // namespace heddle::ops
