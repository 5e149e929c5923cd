#include "heddle/kernels/expert_routing.h"

#include <algorithm>

#include "heddle/kernels/row_pieces.h"

namespace heddle::kernels {
namespace {

// By insertion: k is small. What is not a number comes last.
template <class T>
void choose(int64_t rows, int64_t experts, int64_t k, const T* scores, int32_t* choices) {
  parallel_for(rows, row_grain(experts * k), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const T* score = scores + r * experts;
      int32_t* best = choices + r * k;
      for (int64_t e = 0; e < experts; ++e) {
        int64_t at = std::min(e, k);
        while (at > 0 && !(score[e] <= score[best[at - 1]]) && score[e] == score[e]) --at;
        if (at == k) continue;
        std::copy_backward(best + at, best + std::min(e, k - 1), best + std::min(e, k - 1) + 1);
        best[at] = static_cast<int32_t>(e);
      }
    }
  });
}

}  // namespace

void choose_experts(int64_t rows, int64_t experts, int64_t k, const float* scores, int32_t* choices) {
  choose(rows, experts, k, scores, choices);
}
void choose_experts(int64_t rows, int64_t experts, int64_t k, const double* scores, int32_t* choices) {
  choose(rows, experts, k, scores, choices);
}

ExpertOrder order_by_expert(std::span<const int32_t> choices, int64_t k, int64_t experts) {
  ExpertOrder order;
  order.begin.assign(static_cast<size_t>(experts) + 1, 0);
  for (const int32_t expert : choices)
    if (expert >= 0) ++order.begin[static_cast<size_t>(expert) + 1];
  for (size_t e = 1; e < order.begin.size(); ++e) order.begin[e] += order.begin[e - 1];
  order.token.resize(static_cast<size_t>(order.begin.back()));
  order.choice.resize(order.token.size());
  std::vector<int32_t> next(order.begin.begin(), order.begin.end() - 1);
  for (size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] < 0) continue;
    const auto pair = static_cast<size_t>(next[static_cast<size_t>(choices[i])]++);
    order.token[pair] = static_cast<int32_t>(static_cast<int64_t>(i) / k);
    order.choice[pair] = static_cast<int32_t>(i);
  }
  return order;
}

}  // namespace heddle::kernels
