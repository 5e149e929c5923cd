#include "heddle/ops/expert_routing.h"

#include <algorithm>
#include <cmath>

#include "heddle/kernels/row_pieces.h"
#include "heddle/kernels/row_softmax.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// The choices of padding are taken back, and `wanted` counts the others.
void count_wanted(const Rows& rows, ExpertPlan& plan) {
  plan.wanted.assign(static_cast<size_t>(plan.experts), 0);
  const auto k = static_cast<size_t>(plan.top_k);
  for (int64_t s = 0; s < rows.sequences(); ++s) {
    const auto begin = static_cast<size_t>(rows.offsets[static_cast<size_t>(s)]),
               end = static_cast<size_t>(rows.offsets[static_cast<size_t>(s) + 1]);
    const size_t real = begin + static_cast<size_t>(rows.real_rows(s));
    plan.tokens += static_cast<int64_t>(real - begin);
    for (size_t i = begin * k; i < real * k; ++i) ++plan.wanted[static_cast<size_t>(plan.choices[i])];
    std::fill(plan.choices.begin() + static_cast<int64_t>(real * k),
              plan.choices.begin() + static_cast<int64_t>(end * k), -1);
  }
}

void drop_beyond(double capacity, const Rows& rows, ExpertPlan& plan) {
  std::vector<int64_t> taken(static_cast<size_t>(plan.experts));
  for (int64_t s = 0; s < rows.sequences(); ++s) {
    const double even = static_cast<double>(plan.top_k * rows.real_rows(s)) / static_cast<double>(plan.experts);
    const auto most = static_cast<int64_t>(std::min(std::ceil(capacity * even), 1e18));
    std::ranges::fill(taken, 0);
    for (int64_t i = rows.offsets[static_cast<size_t>(s)] * plan.top_k;
         i < rows.offsets[static_cast<size_t>(s) + 1] * plan.top_k; ++i) {
      int32_t& choice = plan.choices[static_cast<size_t>(i)];
      if (choice >= 0 && ++taken[static_cast<size_t>(choice)] > most) choice = -1;
    }
  }
}

// Sequences, examples and positions of the pairs.
void describe_pairs(const Rows& rows, ExpertPlan& plan) {
  const auto ends = static_cast<size_t>(rows.sequences()) + 1;
  plan.offsets.assign(static_cast<size_t>(plan.experts) * ends, 0);
  for (size_t s = 0; s + 1 < ends; ++s)
    for (int64_t i = rows.offsets[s] * plan.top_k; i < rows.offsets[s + 1] * plan.top_k; ++i)
      if (const int32_t choice = plan.choices[static_cast<size_t>(i)]; choice >= 0)
        ++plan.offsets[static_cast<size_t>(choice) * ends + s + 1];
  for (size_t i = 0; i < plan.offsets.size(); ++i)
    if (i % ends > 0) plan.offsets[i] += plan.offsets[i - 1];
  for (const int32_t token : plan.order.token) {
    const auto at = static_cast<size_t>(token);
    if (!rows.example.empty()) plan.example.push_back(rows.example[at]);
    if (!rows.position.empty()) plan.position.push_back(rows.position[at]);
  }
}

// dlogits of one row, from the gradients of its gates.
template <class T>
void gate_gradients(const T* p, const int32_t* chosen, int64_t experts, int64_t k, bool among_chosen, const T* dgates,
                    T* dlogits) {
  T all = 0, sum = 0;  // of the chosen: Σ p, Σ p·dgate
  for (int64_t s = 0; s < k; ++s) all += p[chosen[s]], sum += p[chosen[s]] * dgates[s];
  if (among_chosen) {
    for (int64_t s = 0; s < k; ++s) dlogits[chosen[s]] += p[chosen[s]] / all * (dgates[s] - sum / all);
    return;
  }
  for (int64_t e = 0; e < experts; ++e) dlogits[e] -= p[e] * sum;
  for (int64_t s = 0; s < k; ++s) dlogits[chosen[s]] += p[chosen[s]] * dgates[s];
}

}  // namespace

Rows ExpertPlan::meaning_of(int64_t expert) const {
  const size_t ends = offsets.size() / static_cast<size_t>(experts);
  const auto begin = static_cast<size_t>(order.begin[static_cast<size_t>(expert)]),
             count = static_cast<size_t>(rows_of(expert));
  Rows rows = {std::span(offsets).subspan(static_cast<size_t>(expert) * ends, ends), {}, {}};
  if (!example.empty()) rows.example = std::span(example).subspan(begin, count);
  if (!position.empty()) rows.position = std::span(position).subspan(begin, count);
  return rows;
}

Routing route(const Tensor& logits, const Rows& rows, const RoutingOptions& options) {
  const int64_t experts = logits.width(), k = options.top_k, count = logits.rows();
  HEDDLE_CHECK(k >= 1 && k <= experts, "{} of {} experts cannot be chosen", k, experts);
  HEDDLE_CHECK(count == rows.count(), "router logits of {} rows for {}", count, rows.count());
  const auto plan = std::make_shared<ExpertPlan>();
  plan->experts = experts;
  plan->top_k = k;
  std::vector<int32_t> chosen(static_cast<size_t>(count * k));  // also what is dropped
  const Tensor probabilities = new_tensor(logits.shape(), logits.dtype());
  Tensor gates = new_tensor({count, k}, logits.dtype());
  with_real_type(logits.dtype(), [&]<class T>(T) {
    kernels::choose_experts(count, experts, k, logits.data<T>(), chosen.data());
    parallel_for(count, kernels::row_grain(16 * experts), [&](int64_t begin, int64_t end, int) {
      for (int64_t r = begin; r < end; ++r) {
        T *p = probabilities.data<T>() + r * experts, *gate = gates.data<T>() + r * k;
        kernels::row_softmax(logits.data<T>() + r * experts, experts, p);
        T all = 0;
        for (int64_t s = 0; s < k; ++s) all += gate[s] = p[chosen[static_cast<size_t>(r * k + s)]];
        for (int64_t s = 0; s < k && options.among_chosen; ++s) gate[s] /= all;
      }
    });
  });
  plan->choices = chosen;
  count_wanted(rows, *plan);
  if (options.capacity > 0) drop_beyond(options.capacity, rows, *plan);
  plan->order = kernels::order_by_expert(plan->choices, k, experts);
  describe_pairs(rows, *plan);
  if (Tape* tape = recording({&logits}))
    tape->record({&logits}, {&gates}, rows,
                 [plan, chosen = std::move(chosen), probabilities = tape->save(probabilities, SaveHint::exact),
                  among_chosen = options.among_chosen](Backward& b) {
      if (!b.wants(0)) return;
      const Tensor p = probabilities.load(), dlogits = new_zeros(p.shape(), p.dtype());
      const Tensor& dgates = b.gradient(0);
      const int64_t of_row = plan->top_k;
      with_real_type(p.dtype(), [&]<class T>(T) {
        for (int64_t r = 0; r < p.rows(); ++r)
          gate_gradients(p.data<T>() + r * p.width(), chosen.data() + r * of_row, p.width(), of_row, among_chosen,
                         dgates.data<T>() + r * of_row, dlogits.data<T>() + r * p.width());
      });
      b.pass(0, dlogits);
    });
  return {gates, plan};
}

Tensor balance_loss(const Tensor& logits, const Routing& routing, const Rows& rows, double scale) {
  const ExpertPlan& plan = *routing.plan;
  const auto experts = static_cast<size_t>(plan.experts);
  // What a token's probability of each expert adds to the loss.
  const auto tokens = static_cast<double>(std::max<int64_t>(1, plan.tokens));
  std::vector<double> factor(experts);
  for (size_t e = 0; e < experts; ++e)
    factor[e] = scale * static_cast<double>(plan.experts) * static_cast<double>(plan.wanted[e]) /
                (tokens * static_cast<double>(plan.top_k) * tokens);
  Tensor loss = new_tensor({1}, logits.dtype());
  const Tensor dlogits = new_zeros(logits.shape(), logits.dtype());
  with_real_type(logits.dtype(), [&]<class T>(T) {
    std::vector<T> p(experts);
    double sum = 0;
    for (int64_t s = 0; s < rows.sequences(); ++s)
      for (int64_t r = rows.offsets[static_cast<size_t>(s)];
           r < rows.offsets[static_cast<size_t>(s)] + rows.real_rows(s); ++r) {
        kernels::row_softmax(logits.data<T>() + r * logits.width(), logits.width(), p.data());
        double of_row = 0;
        for (size_t e = 0; e < experts; ++e) of_row += factor[e] * static_cast<double>(p[e]);
        sum += of_row;
        for (size_t e = 0; e < experts; ++e)
          dlogits.data<T>()[r * logits.width() + static_cast<int64_t>(e)] = p[e] * static_cast<T>(factor[e] - of_row);
      }
    loss.data<T>()[0] = static_cast<T>(sum);
  });
  if (Tape* tape = recording({&logits}))
    tape->record({&logits}, {&loss}, rows, [saved = tape->save(dlogits, SaveHint::exact)](Backward& b) {
      if (!b.wants(0)) return;
      const Tensor gradient = saved.load();
      const auto [dx, accumulate] = b.target(0, gradient.shape(), gradient.dtype());
      with_real_type(gradient.dtype(), [&, to = dx, add = accumulate]<class T>(T) {
        const T seed = b.gradient(0).template data<T>()[0];
        for (int64_t i = 0; i < gradient.count(); ++i)
          to.data<T>()[i] = (add ? to.data<T>()[i] : T{0}) + seed * gradient.data<T>()[i];
      });
    });
  return loss;
}

}  // namespace heddle::ops
