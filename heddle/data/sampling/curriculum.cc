#include "heddle/data/sampling/curriculum.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heddle/base/error.h"

namespace heddle::data {

double competence(int64_t step, int64_t steps, double start) {
  if (!(start > 0 && start <= 1) || steps < 1)
    fail_input(
        "a curriculum of {} steps that starts with {} of the data; expected 1 step or more, and a share in (0, 1]",
        steps, start);
  const double way = std::clamp(static_cast<double>(step) / static_cast<double>(steps), 0.0, 1.0);
  return std::sqrt(start * start + (1 - start * start) * way);
}

std::vector<int64_t> curriculum_order(std::span<const int64_t> lengths, double share, RandomKey key) {
  std::vector<int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](int64_t i) { return lengths[static_cast<size_t>(i)]; });
  const double allowed = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(order.size()) - 1e-9);
  if (!order.empty()) order.resize(std::max<size_t>(1, static_cast<size_t>(allowed)));
  RandomStream random(key);
  shuffle(std::span(order), random);
  return order;
}

}  // namespace heddle::data
