#include "heddle/decode/sampling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "heddle/base/error.h"
#include "heddle/decode/beam_search.h"
#include "tests/decode/observed_model.h"

namespace heddle::decode {
namespace {

constexpr int kDraws = 20000;

std::vector<float> logs(const std::vector<double>& probabilities) {
  std::vector<float> result;
  for (double p : probabilities) result.push_back(static_cast<float>(std::log(p)));
  return result;
}

// Chi-square statistic of draws against the probabilities expected.
double chi_square(TokenSampler sampler, const std::vector<float>& row, const std::vector<double>& expected) {
  RandomStream random({41, 0, 0, 0});
  std::vector<double> counts(row.size());
  for (int i = 0; i < kDraws; ++i) counts[static_cast<size_t>(sampler.draw(row, random).value())] += 1;
  double sum = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    const double mean = expected[i] * kDraws;
    if (mean == 0) EXPECT_EQ(counts[i], 0) << "token " << i << " was cut off";
    else sum += (counts[i] - mean) * (counts[i] - mean) / mean;
  }
  return sum;
}

// Chi-square exceeds this with probability 0.001 for 4 degrees of freedom; fewer exceed it more rarely.
constexpr double kCritical = 18.47;

TEST(TokenSampler, FrequenciesMatchTheProbabilities) {
  const std::vector<double> p = {0.1, 0.4, 0.05, 0.25, 0.2};
  EXPECT_LT(chi_square({1, 0, 1}, logs(p), p), kCritical);
  EXPECT_GT(chi_square({1, 0, 1}, logs(p), {0.12, 0.38, 0.05, 0.25, 0.2}), kCritical) << "the test can fail";
}

TEST(TokenSampler, TemperatureSharpens) {
  const std::vector<double> p = {0.1, 0.4, 0.05, 0.25, 0.2};
  std::vector<double> sharp;
  for (double x : p) sharp.push_back(x * x);
  const double total = std::accumulate(sharp.begin(), sharp.end(), 0.0);
  for (double& x : sharp) x /= total;
  EXPECT_LT(chi_square({0.5, 0, 1}, logs(p), sharp), kCritical);
}

TEST(TokenSampler, TopKAndTopPCutTheTail) {
  const std::vector<float> row = logs({0.1, 0.4, 0.05, 0.25, 0.2});
  EXPECT_LT(chi_square({1, 3, 1}, row, {0, 0.4 / 0.85, 0, 0.25 / 0.85, 0.2 / 0.85}), kCritical);
  EXPECT_LT(chi_square({1, 0, 0.6}, row, {0, 0.4 / 0.65, 0, 0.25 / 0.65, 0}), kCritical);
  // Of the best three, the nucleus of 0.75 needs two: 0.65 / 0.85 = 0.76.
  EXPECT_LT(chi_square({1, 3, 0.75}, row, {0, 0.4 / 0.65, 0, 0.25 / 0.65, 0}), kCritical);
  EXPECT_LT(chi_square({1, 0, 1e-9}, row, {0, 1, 0, 0, 0}), kCritical);
  EXPECT_LT(chi_square({1, 1, 1}, logs({0.25, 0.25, 0.25, 0.25}), {1, 0, 0, 0}), kCritical) << "ties: lower token";
}

TEST(TokenSampler, WhatCannotComeIsNeverDrawn) {
  const float never = -std::numeric_limits<float>::infinity();
  RandomStream random({42, 0, 0, 0});
  TokenSampler sampler(1, 0, 1);
  EXPECT_FALSE(sampler.draw(std::vector<float>{never, never}, random).has_value());
  EXPECT_FALSE(sampler.draw(std::vector<float>{}, random).has_value());
  EXPECT_EQ(sampler.draw(std::vector<float>{never, -700.0f, never}, random), 1);
}

SamplingOptions two_samples() {
  SamplingOptions options;
  options.start_token = 0;
  options.end_token = 1;
  options.forbidden = {0};
  options.samples = 2;
  return options;
}

TEST(Sampling, AnswersDependOnTheExampleNotOnTheBatch) {
  RandomStream random({43, 0, 0, 0});
  std::vector<std::vector<float>> tables(6);
  for (auto& table : tables) table = TableModel::random_table(5, 2, 1, random);
  ObservedModel model(5, 2, tables);
  const RandomKey key = {7, 0, 0, site_id("decode.sampling")};
  const auto together = sample(model, two_samples(), key, std::vector<uint64_t>{10, 11, 12, 13, 14, 15});
  EXPECT_EQ(model.steps[0], 6) << "the samples of a sequence share the first step";
  bool differ = false;
  for (size_t i = 0; i < tables.size(); ++i) {
    ObservedModel alone(5, 2, {tables[i]});
    const auto one = sample(alone, two_samples(), key, std::vector<uint64_t>{10 + i})[0];
    ASSERT_EQ(one.size(), 2u);
    for (size_t k = 0; k < 2; ++k) EXPECT_EQ(one[k].tokens, together[i][k].tokens);
    differ = differ || one[0].tokens != one[1].tokens;
  }
  EXPECT_TRUE(differ);
}

TEST(Sampling, WholeSequencesHaveTheirProbability) {
  RandomStream random({44, 0, 0, 0});
  TableModel model(4, 1, {TableModel::random_table(4, 1, 1, random)});
  SamplingOptions options = two_samples();
  options.forbidden.clear();
  options.max_extra = 2;
  options.samples = kDraws;
  std::map<std::vector<int32_t>, std::pair<int, double>> seen;
  const auto answers = sample(model, options, {8, 0, 0, 0}, std::vector<uint64_t>{0});
  for (const Hypothesis& found : answers[0]) {
    EXPECT_EQ(found.finished, found.tokens.back() == 1);
    auto& [count, probability] = seen[found.tokens];
    ++count;
    probability = std::exp(found.log_probability);
  }
  double chi = 0, total = 0;
  for (const auto& [tokens, entry] : seen) {
    const double mean = entry.second * kDraws;
    chi += (entry.first - mean) * (entry.first - mean) / mean;
    total += entry.second;
  }
  EXPECT_EQ(seen.size(), 13u);  // the end at once, and 3·4 of two tokens
  EXPECT_NEAR(total, 1, 1e-5);
  EXPECT_LT(chi, 32.91);  // 12 degrees of freedom, probability 0.001
}

TEST(Sampling, ColdSamplingIsGreedySearch) {
  RandomStream random({45, 0, 0, 0});
  TableModel model(5, 2, {TableModel::random_table(5, 2, 2, random), TableModel::random_table(5, 2, 2, random)});
  SamplingOptions cold = two_samples();
  cold.temperature = 1e-4;
  BeamOptions greedy;
  static_cast<DecodeOptions&>(greedy) = cold;
  greedy.beam = 1;
  const auto expected = beam_search(model, greedy);
  const auto found = sample(model, cold, {9, 0, 0, 0}, std::vector<uint64_t>{0, 1});
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(found[i][0].tokens, expected[i][0].tokens);
}

TEST(Sampling, EmptyBatchesAndImpossibleOptions) {
  TableModel none(5, 1, {});
  EXPECT_TRUE(sample(none, two_samples(), {}, {}).empty());
  EXPECT_THROW(sample(none, two_samples(), {}, std::vector<uint64_t>{1}), InputError);
  EXPECT_THROW(TokenSampler(0, 0, 1), InputError);
  EXPECT_THROW(TokenSampler(1, -1, 1), InputError);
  EXPECT_THROW(TokenSampler(1, 0, 0), InputError);
  EXPECT_THROW(TokenSampler(1, 0, 1.1), InputError);
  SamplingOptions options = two_samples();
  options.samples = 0;
  EXPECT_THROW(sample(none, options, {}, {}), InputError);
}

}  // namespace
}  // namespace heddle::decode
