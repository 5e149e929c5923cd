#include "heddle/ops/einsum/plan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "heddle/base/error.h"

namespace heddle::ops {
namespace {

using Pair = std::pair<int, int>;  // of values

bool contains(IndexSet set, int index) { return index >= 0 && (set >> index & 1u) != 0; }

std::vector<int> without_repeats(const std::vector<int>& dimensions, IndexSet wanted) {
  std::vector<int> kept;
  for (const int index : dimensions)
    if (contains(wanted, index) && std::ranges::find(kept, index) == kept.end()) kept.push_back(index);
  return kept;
}

// Builds the steps for an order of pairs.
class Builder {
 public:
  explicit Builder(EinsumIndices indices) {
    plan_.indices = std::move(indices);
    for (size_t i = 0; i < count(); ++i) live_.push_back(static_cast<int>(i));
  }

  size_t count() const { return plan_.indices.operands.size(); }
  const EinsumIndices& indices() const { return plan_.indices; }
  IndexSet set_of(int value) const { return plan_.indices.set_of(plan_.dimensions(value)); }
  const std::vector<int>& live() const { return live_; }

  // What all live values but these two, and the result, need.
  IndexSet needed(int left, int right) const {
    IndexSet set = plan_.indices.set_of(plan_.indices.output);
    for (const int value : live_)
      if (value != left && value != right) set |= set_of(value);
    return set;
  }

  // Indices of one operand alone are summed; the numbers of the live values afterwards are in live().
  void reduce_operands() {
    for (size_t i = 0; i < count(); ++i) {
      const auto operand = static_cast<int>(i);
      const IndexSet own = set_of(live_[i]), keep = own & needed(live_[i], -1);
      if (count() > 1 && keep == own) continue;
      std::vector<int> result = count() == 1 ? plan_.indices.output : without_repeats(plan_.dimensions(operand), keep);
      live_[i] = add({operand, -1, std::move(result), keep == own ? 0 : plan_.indices.count(own)});
    }
  }

  int join(int left, int right) {
    if (left > right) std::swap(left, right);
    const IndexSet both = set_of(left) | set_of(right), keep = both & needed(left, right);
    std::vector<int> result = plan_.indices.output;
    if (live_.size() > 2) {
      const JoinIndices parts = join_indices(plan_.dimensions(left), plan_.dimensions(right), keep);
      result = parts.batch;
      result.insert(result.end(), parts.left.begin(), parts.left.end());
      result.insert(result.end(), parts.right.begin(), parts.right.end());
    }
    std::erase_if(live_, [&](int value) { return value == left || value == right; });
    live_.push_back(add({left, right, std::move(result), plan_.indices.count(both)}));
    return live_.back();
  }

  EinsumPlan finish() {
    double held = 0;
    for (const EinsumStep& step : plan_.steps) {
      held += step.elements;
      plan_.peak_elements = std::max(plan_.peak_elements, held);
      for (const int value : {step.left, step.right})
        if (value >= static_cast<int>(count())) held -= plan_.steps[static_cast<size_t>(value) - count()].elements;
    }
    return std::move(plan_);
  }

 private:
  int add(EinsumStep step) {
    step.elements = plan_.indices.count(plan_.indices.set_of(step.result));
    plan_.multiply_adds += step.multiply_adds;
    plan_.steps.push_back(std::move(step));
    return static_cast<int>(count() + plan_.steps.size()) - 1;
  }

  EinsumPlan plan_;
  std::vector<int> live_;
};

EinsumPlan left_to_right(EinsumIndices indices) {
  Builder builder(std::move(indices));
  builder.reduce_operands();
  if (builder.count() == 1) return builder.finish();
  int value = builder.live()[0];
  for (const std::vector<int> rest = builder.live(); const int next : std::span(rest).subspan(1))
    value = builder.join(value, next);
  return builder.finish();
}

// The cheapest way to make each subset of the values: cost, and where it is cut in two.
struct Best {
  double cost = std::numeric_limits<double>::infinity(), elements = std::numeric_limits<double>::infinity();
  size_t cut = 0;
};

int join_subset(Builder& builder, const std::vector<Best>& best, const std::vector<int>& values, size_t subset) {
  if (std::has_single_bit(subset)) return values[static_cast<size_t>(std::countr_zero(subset))];
  const size_t cut = best[subset].cut;
  const int left = join_subset(builder, best, values, cut);
  return builder.join(left, join_subset(builder, best, values, subset ^ cut));
}

EinsumPlan cheapest(EinsumIndices indices) {
  Builder builder(std::move(indices));
  builder.reduce_operands();
  const EinsumIndices& known = builder.indices();
  const std::vector<int> values = builder.live();
  const size_t subsets = size_t{1} << values.size();
  std::vector<IndexSet> all(subsets), result(subsets);
  for (size_t s = 1; s < subsets; ++s)
    all[s] = all[s & (s - 1)] | builder.set_of(values[static_cast<size_t>(std::countr_zero(s))]);
  for (size_t s = 0; s < subsets; ++s) result[s] = all[s] & (all[subsets - 1 - s] | known.set_of(known.output));
  std::vector<Best> best(subsets);
  for (size_t s = 1; s < subsets; ++s) {
    if (std::has_single_bit(s)) {
      best[s] = {0, 0, 0};
      continue;
    }
    const double own = known.count(result[s]);
    for (size_t left = (s - 1) & s; left > (s ^ left); left = (left - 1) & s) {  // each cut once
      const size_t right = s ^ left;
      const double cost = best[left].cost + best[right].cost + known.count(result[left] | result[right]);
      const double elements = best[left].elements + best[right].elements + own;
      if (best[s].cut == 0 || std::pair(cost, elements) < std::pair(best[s].cost, best[s].elements))
        best[s] = {cost, elements, left};
    }
  }
  if (values.size() > 1) join_subset(builder, best, values, subsets - 1);
  return builder.finish();
}

// Which two values shrink the most when they are joined.
Pair greediest(const Builder& builder) {
  const EinsumIndices& known = builder.indices();
  std::array<int, 64> uses{};
  const auto add_uses = [&](IndexSet set) {
    for (; set != 0; set &= set - 1) ++uses[static_cast<size_t>(std::countr_zero(set))];
  };
  std::vector<IndexSet> sets;
  for (const int value : builder.live()) add_uses(sets.emplace_back(builder.set_of(value)));
  add_uses(known.set_of(known.output));
  IndexSet once = 0, twice = 0;  // used by one value or the result, by two
  for (size_t i = 0; i < uses.size(); ++i) {
    once |= IndexSet{uses[i] == 1} << i;
    twice |= IndexSet{uses[i] == 2} << i;
  }
  Pair chosen;
  std::pair<double, double> best = {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  for (size_t a = 0; a < sets.size(); ++a)
    for (size_t b = a + 1; b < sets.size(); ++b) {
      const IndexSet both = sets[a] | sets[b], gone = once | (twice & sets[a] & sets[b]);
      const std::pair<double, double> score = {known.count(both & ~gone) - known.count(sets[a]) - known.count(sets[b]),
                                               known.count(both)};
      if (chosen.second != 0 && !(score < best)) continue;
      best = score;
      chosen = {static_cast<int>(a), static_cast<int>(b)};
    }
  return {builder.live()[static_cast<size_t>(chosen.first)], builder.live()[static_cast<size_t>(chosen.second)]};
}

EinsumPlan greedy(EinsumIndices indices) {
  Builder builder(std::move(indices));
  builder.reduce_operands();
  while (builder.live().size() > 1) {
    const auto [left, right] = greediest(builder);
    builder.join(left, right);
  }
  return builder.finish();
}

}  // namespace

const std::vector<int>& EinsumPlan::dimensions(int value) const {
  const auto v = static_cast<size_t>(value);
  return v < indices.operands.size() ? indices.operands[v] : steps[v - indices.operands.size()].result;
}

EinsumPlan plan_einsum(EinsumIndices indices, EinsumOrder order) {
  if (order == EinsumOrder::left_to_right) return left_to_right(std::move(indices));
  if (indices.operands.size() <= kExactOperands) return cheapest(std::move(indices));
  EinsumPlan shrinking = greedy(indices), plain = left_to_right(std::move(indices));
  return shrinking.multiply_adds <= plain.multiply_adds ? std::move(shrinking) : std::move(plain);
}

EinsumPlan plan_einsum(std::string_view expression, std::span<const Sizes> shapes, EinsumOrder order) {
  return plan_einsum(bind_einsum(parse_einsum(expression), shapes), order);
}

double all_at_once(const EinsumIndices& indices) {
  IndexSet all = 0;
  for (const auto& operand : indices.operands) all |= indices.set_of(operand);
  return indices.count(all) * static_cast<double>(std::max<size_t>(1, indices.operands.size() - 1));
}

JoinIndices join_indices(const std::vector<int>& left, const std::vector<int>& right, IndexSet result) {
  IndexSet in_left = 0, in_right = 0;
  for (const int index : left) in_left |= index >= 0 ? IndexSet{1} << index : 0;
  for (const int index : right) in_right |= index >= 0 ? IndexSet{1} << index : 0;
  return {.batch = without_repeats(left, in_right & result),
          .left = without_repeats(left, result & ~in_right),
          .right = without_repeats(right, result & ~in_left),
          .inner = without_repeats(left, in_right & ~result)};
}

}  // namespace heddle::ops
