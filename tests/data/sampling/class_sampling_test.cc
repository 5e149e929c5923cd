#include "heddle/data/sampling/class_sampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

constexpr RandomKey kKey = {.seed = 5};

// Class c is there counts[c] times, in mixed order.
std::vector<int32_t> labels_of(std::vector<int64_t> counts) {
  std::vector<int32_t> labels;
  for (size_t c = 0; c < counts.size(); ++c)
    labels.insert(labels.end(), static_cast<size_t>(counts[c]), static_cast<int32_t>(c));
  RandomStream random(kKey.at("labels"));
  shuffle(std::span(labels), random);
  return labels;
}

std::vector<int64_t> class_counts(const std::vector<int32_t>& labels, std::span<const int64_t> order, size_t classes) {
  std::vector<int64_t> counts(classes);
  for (int64_t i : order) ++counts[static_cast<size_t>(labels[static_cast<size_t>(i)])];
  return counts;
}

// Σ (seen − expected)² / expected. With k − 1 degrees of freedom it is over k − 1 + 5 √(2 (k − 1)) about once in
// 100,000 seeds.
double chi_squared(const std::vector<int64_t>& seen, const std::vector<double>& expected) {
  double sum = 0;
  for (size_t i = 0; i < seen.size(); ++i) sum += std::pow(static_cast<double>(seen[i]) - expected[i], 2) / expected[i];
  return sum;
}
double chi_squared_limit(size_t cells) {
  const double freedom = static_cast<double>(cells) - 1;
  return freedom + 5 * std::sqrt(2 * freedom);
}

TEST(ClassSampling, UniformOrderIsEveryExampleOnceInEveryPlaceAlike) {
  std::vector<int64_t> first(20);
  for (uint64_t seed = 0; seed < 20000; ++seed) {
    auto order = uniform_order(20, {.seed = seed});
    ++first[static_cast<size_t>(order[0])];
    std::ranges::sort(order);
    for (int64_t i = 0; i < 20; ++i) ASSERT_EQ(order[static_cast<size_t>(i)], i);
  }
  EXPECT_LT(chi_squared(first, std::vector<double>(20, 1000)), chi_squared_limit(20));
}

TEST(ClassSampling, BalancedDrawsAreEvenOverClassesAndWithinThem) {
  const auto labels = labels_of({900, 90, 10});
  const auto order = class_balanced_order(labels, 30000, kKey);
  EXPECT_LT(chi_squared(class_counts(labels, order, 3), std::vector<double>(3, 10000)), chi_squared_limit(3));
  std::map<int64_t, int64_t> rare;
  for (int64_t i : order)
    if (labels[static_cast<size_t>(i)] == 2) ++rare[i];
  ASSERT_EQ(rare.size(), 10u);
  std::vector<int64_t> counts;
  int64_t all = 0;
  for (const auto& [example, count] : rare) counts.push_back(count), all += count;
  EXPECT_LT(chi_squared(counts, std::vector<double>(10, static_cast<double>(all) / 10)), chi_squared_limit(10));
  // Neighbours are independent: how often a class follows itself.
  int64_t same = 0;
  for (size_t i = 1; i < order.size(); ++i)
    same += labels[static_cast<size_t>(order[i])] == labels[static_cast<size_t>(order[i - 1])];
  EXPECT_NEAR(static_cast<double>(same) / 29999, 1.0 / 3, 5 * std::sqrt(2.0 / 9 / 29999));
}

TEST(ClassSampling, OverAndUnderSamplingMakeClassesEven) {
  const auto labels = labels_of({40, 10, 3});
  const auto over = over_sampled_order(labels, kKey), under = under_sampled_order(labels, kKey);
  EXPECT_EQ(class_counts(labels, over, 3), (std::vector<int64_t>{40, 40, 40}));
  EXPECT_EQ(class_counts(labels, under, 3), (std::vector<int64_t>{3, 3, 3}));
  EXPECT_EQ(std::set(over.begin(), over.end()).size(), 53u) << "every example is shown";
  EXPECT_EQ(std::set(under.begin(), under.end()).size(), 9u) << "none is shown twice";
  std::map<int64_t, int> shown;
  for (int64_t i : over) ++shown[i];
  for (const auto& [example, times] : shown) EXPECT_TRUE(labels[static_cast<size_t>(example)] != 1 || times == 4);
  EXPECT_FALSE(std::ranges::is_sorted(over, {}, [&](int64_t i) { return labels[static_cast<size_t>(i)]; }));
  EXPECT_NE(over, over_sampled_order(labels, {.seed = 6}));
  EXPECT_EQ(over, over_sampled_order(labels, kKey));
}

TEST(ClassSampling, StratifiedPartsKeepTheProportions) {
  const auto labels = labels_of({800, 150, 33, 7});
  const std::vector<double> fractions = {0.8, 0.1, 0.1};
  const auto parts = stratified_parts(labels, fractions, kKey);
  std::map<std::pair<int32_t, int32_t>, int64_t> counts;
  std::vector<int64_t> all(3);
  for (size_t i = 0; i < labels.size(); ++i) ++counts[{labels[i], parts[i]}], ++all[static_cast<size_t>(parts[i])];
  const std::vector<double> sizes = {800, 150, 33, 7};
  for (int32_t c = 0; c < 4; ++c)
    for (int32_t p = 0; p < 3; ++p) {
      const double expected = sizes[static_cast<size_t>(c)] * fractions[static_cast<size_t>(p)];
      EXPECT_NEAR(static_cast<double>(counts[{c, p}]), expected, 1.5) << c << " " << p;
    }
  EXPECT_NEAR(static_cast<double>(all[0]), 792, 2);
  EXPECT_NE(parts, stratified_parts(labels, fractions, {.seed = 6}));
  EXPECT_THROW(stratified_parts(labels, std::vector<double>{0.5, 0.4}, kKey), InputError);
  EXPECT_THROW(stratified_parts(labels, std::vector<double>{1.5, -0.5}, kKey), InputError);
}

TEST(ClassSampling, EveryBatchHoldsEveryClass) {
  const auto labels = labels_of({500, 20, 2});
  for (const auto& [size, per_class] : {std::pair(16, 2), std::pair(6, 2), std::pair(3, 1)}) {
    std::set<int64_t> seen;
    for (const auto& batch : every_class_batches(labels, size, per_class, kKey)) {
      EXPECT_LE(std::ssize(batch), size);
      for (int64_t count : class_counts(labels, batch, 3)) EXPECT_GE(count, per_class);
      seen.insert(batch.begin(), batch.end());
    }
    EXPECT_EQ(seen.size(), labels.size()) << size;
  }
  EXPECT_THROW(every_class_batches(labels, 5, 2, kKey), InputError);
  EXPECT_TRUE(every_class_batches({}, 5, 2, kKey).empty());
}

}  // namespace
}  // namespace heddle::data
