#include "heddle/decode/ngram_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "heddle/base/error.h"

namespace heddle::decode {
namespace {

TEST(NgramModel, OrderOneAddsAConstantToEveryCount) {
  NgramModel model(4, 1, 2.0);  // 2 / 4 for each token
  model.count(std::vector<int32_t>{2, 2, 3, 1}, 0);
  const StepModel::Row start = {-1, 0, 0};
  const std::span<float> row = model.step({&start, 1});
  EXPECT_NEAR(std::exp(row[0]), 0.5 / 6, 1e-6);
  EXPECT_NEAR(std::exp(row[1]), 1.5 / 6, 1e-6);
  EXPECT_NEAR(std::exp(row[2]), 2.5 / 6, 1e-6);
}

TEST(NgramModel, LongerHistoriesAreSmoothedByShorterOnes) {
  NgramModel model(3, 2, 1.0);
  model.count(std::vector<int32_t>{2, 2, 1}, 0);
  const StepModel::Row start = {-1, 0, 0};
  std::span<float> rows = model.step({&start, 1});
  const double unigram = (2 + 1.0 / 3) / (3 + 1);
  EXPECT_NEAR(std::exp(rows[2]), (1 + unigram) / (1 + 1), 1e-6);
  // Forked: the first continues a known history, the second one that was never seen.
  const std::vector<StepModel::Row> forked = {{0, 2, 0}, {0, 1, 0}};
  rows = model.step(forked);
  EXPECT_NEAR(std::exp(rows[2]), (1 + unigram) / (2 + 1), 1e-6);
  EXPECT_NEAR(std::exp(rows[3 + 2]), unigram, 1e-6);
}

TEST(NgramModel, EveryRowSumsToOne) {
  NgramModel model(6, 3, 0.1);
  for (int i = 0; i < 4; ++i) model.count(std::vector<int32_t>{2, 3, 4, 5, static_cast<int32_t>(2 + i), 1}, 0);
  std::vector<StepModel::Row> rows = {{-1, 0, 0}};
  for (int32_t step = 0; step < 5; ++step) {
    const std::span<float> log_probabilities = model.step(rows);
    for (size_t r = 0; r < rows.size(); ++r) {
      double sum = 0;
      for (size_t token = 0; token < 6; ++token) sum += std::exp(static_cast<double>(log_probabilities[r * 6 + token]));
      EXPECT_NEAR(sum, 1, 1e-6);
    }
    rows.assign({{0, 2 + step % 4, 0}, {0, 5, 0}});
  }
}

TEST(NgramModel, TokensOutsideTheVocabularyAreRefused) {
  NgramModel model(4, 2, 1);
  EXPECT_THROW(model.count(std::vector<int32_t>{4}, 0), InputError);
  EXPECT_THROW(model.count(std::vector<int32_t>{-1}, 0), InputError);
  EXPECT_THROW(model.count(std::vector<int32_t>{1}, 9), InputError);
  EXPECT_THROW(NgramModel(4, 0, 1), InputError);
  EXPECT_THROW(NgramModel(4, 2, 0), InputError);
}

}  // namespace
}  // namespace heddle::decode
