// Mixing, curriculum and the shuffle buffer.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "heddle/base/error.h"
#include "heddle/data/sampling/curriculum.h"
#include "heddle/data/sampling/shuffle_buffer.h"
#include "heddle/data/sampling/source_mixer.h"

namespace heddle::data {
namespace {

TEST(SourceMixer, TemperatureEvensOutTheSizes) {
  const std::vector<int64_t> sizes = {1000000, 10000, 100};
  const auto by_size = source_probabilities(sizes, 1);
  EXPECT_NEAR(by_size[1] / by_size[0], 0.01, 1e-12);
  const auto warmer = source_probabilities(sizes, 2);
  EXPECT_NEAR(warmer[1] / warmer[0], 0.1, 1e-12);
  EXPECT_NEAR(warmer[2] / warmer[1], 0.1, 1e-12);
  EXPECT_NEAR(source_probabilities(sizes, 1e9)[2], 1.0 / 3, 1e-6);
  const auto weighted = source_probabilities(sizes, 2, std::vector<double>{1, 10, 0});
  EXPECT_NEAR(weighted[0], 0.5, 1e-12);
  EXPECT_EQ(weighted[2], 0);
  EXPECT_THROW(source_probabilities(sizes, 0.5), InputError);
  EXPECT_THROW(source_probabilities(sizes, 1, std::vector<double>{0, 0, 0}), InputError);
  EXPECT_THROW(source_probabilities(sizes, 1, std::vector<double>{1, -1, 1}), InputError);
  EXPECT_THROW(source_probabilities(std::vector<int64_t>{0, 0}, 1), InputError);
}

TEST(SourceMixer, DrawsByProbabilityAndGoesThroughEverySource) {
  const std::vector<int64_t> sizes = {70, 20, 5};
  SourceMixer mixer(sizes, {0.5, 0.3, 0.2}, {.seed = 3});
  std::vector<std::vector<int64_t>> drawn(3);
  constexpr int kDraws = 30000;
  for (int i = 0; i < kDraws; ++i) {
    const SourceExample example = mixer.next();
    drawn[static_cast<size_t>(example.source)].push_back(example.example);
  }
  const std::vector<double> wanted = {0.5, 0.3, 0.2};
  for (size_t s = 0; s < 3; ++s) {
    EXPECT_NEAR(static_cast<double>(drawn[s].size()) / kDraws, wanted[s],
                5 * std::sqrt(wanted[s] * (1 - wanted[s]) / kDraws));
    const auto size = static_cast<size_t>(sizes[s]);
    for (size_t round = 0; (round + 1) * size <= drawn[s].size(); ++round) {
      const auto from = drawn[s].begin() + static_cast<long>(round * size);
      EXPECT_EQ(std::set(from, from + static_cast<long>(size)).size(), size);
    }
    EXPECT_FALSE(std::equal(drawn[s].begin(), drawn[s].begin() + 5, drawn[s].begin() + static_cast<long>(size)))
        << "each round has an order of its own";
  }
}

TEST(SourceMixer, TheSameSeedIsTheSameStream) {
  const std::vector<int64_t> sizes = {7, 9};
  SourceMixer a(sizes, {0.5, 0.5}, {.seed = 3}), b(sizes, {0.5, 0.5}, {.seed = 3}), c(sizes, {0.5, 0.5}, {.seed = 4});
  int differing = 0;
  for (int i = 0; i < 100; ++i) {
    const auto drawn = a.next();
    EXPECT_EQ(drawn, b.next());
    differing += !(drawn == c.next());
  }
  EXPECT_GT(differing, 50);
}

TEST(Curriculum, CompetenceGrowsAsTheRoot) {
  EXPECT_DOUBLE_EQ(competence(0, 100, 0.1), 0.1);
  EXPECT_DOUBLE_EQ(competence(100, 100, 0.1), 1);
  EXPECT_DOUBLE_EQ(competence(1000, 100, 0.1), 1);
  EXPECT_NEAR(competence(50, 100, 0.1), std::sqrt(0.01 + 0.99 * 0.5), 1e-12);
  EXPECT_THROW(competence(0, 0, 0.1), InputError);
  EXPECT_THROW(competence(0, 10, 0), InputError);
}

TEST(Curriculum, ShortExamplesOnlyThenAll) {
  const std::vector<int64_t> lengths = {9, 1, 5, 3, 7, 3};
  auto order = curriculum_order(lengths, 0.5, {.seed = 1});
  std::ranges::sort(order);
  EXPECT_EQ(order, (std::vector<int64_t>{1, 3, 5}));
  EXPECT_EQ(curriculum_order(lengths, 0.0, {}).size(), 1u);
  EXPECT_EQ(curriculum_order(lengths, 1.0, {}).size(), 6u);
  EXPECT_TRUE(curriculum_order({}, 1.0, {}).empty());
}

std::vector<int> shuffled(int count, size_t capacity, uint64_t seed) {
  ShuffleBuffer<int> buffer(capacity, {.seed = seed});
  std::vector<int> out;
  for (int i = 0; i < count; ++i)
    if (const auto value = buffer.push(i)) out.push_back(*value);
  while (const auto value = buffer.pop()) out.push_back(*value);
  return out;
}

TEST(ShuffleBuffer, EveryValueOnceAndNoneTooEarly) {
  for (size_t capacity : {size_t{1}, size_t{2}, size_t{16}, size_t{1000}}) {
    auto out = shuffled(500, capacity, 9);
    for (size_t at = 0; at < out.size(); ++at) EXPECT_LT(out[at] - static_cast<int>(at), static_cast<int>(capacity));
    EXPECT_EQ(std::ranges::is_sorted(out), capacity == 1);
    EXPECT_EQ(out, shuffled(500, capacity, 9));
    std::ranges::sort(out);
    for (int i = 0; i < 500; ++i) ASSERT_EQ(out[static_cast<size_t>(i)], i);
  }
}

TEST(ShuffleBuffer, ABufferOfEverythingIsAUniformShuffle) {
  std::vector<int64_t> at_first(10);
  for (uint64_t seed = 0; seed < 10000; ++seed) ++at_first[static_cast<size_t>(shuffled(10, 11, seed)[0])];
  for (int64_t count : at_first) EXPECT_NEAR(static_cast<double>(count), 1000, 5 * std::sqrt(900));
}

}  // namespace
}  // namespace heddle::data
