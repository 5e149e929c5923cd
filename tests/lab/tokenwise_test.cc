// Asking a model token by token gives what one pass over all gives.

#include "heddle/lab/tokenwise.h"

#include <gtest/gtest.h>

#include "heddle/decode/beam_search.h"
#include "heddle/lab/influence.h"
#include "heddle/lab/tasks/toy_translation.h"
#include "heddle/task/transformer_steps.h"

namespace heddle::lab {
namespace {

struct Asked {
  Learner learner{small_model("encoder_decoder", ToyLanguage::vocab(), 16, 2, 2), small_training(1e-3), 3, DType::f64};
  ToyTranslations batch;
  Asked() {
    RandomStream random({2, 0, 0, 0});
    batch = toy_translations({.least_pairs = 1, .most_pairs = 4}, random, 9);
  }
};

TEST(Tokenwise, CachedPrefixesAndTheFullPassAgree) {
  const Asked asked;
  const std::vector<double> whole = numbers_of(asked.learner.log_probabilities(asked.batch.tokens));
  EXPECT_LE(largest_difference(cached_log_probabilities(asked.learner, asked.batch.tokens), whole),
            1e-6);  // f32 on the way
  EXPECT_LE(largest_difference(prefix_log_probabilities(asked.learner, asked.batch.tokens), whole), 1e-12);
}

TEST(Tokenwise, GreedyIsABeamOfOne) {
  const Asked asked;
  constexpr int64_t kTokens = 6;
  const auto found = greedy_by_prefixes(asked.learner, asked.batch.tokens.source, ToyLanguage::kStart, kTokens);
  std::vector<std::vector<int32_t>> sources;
  for (int64_t s = 0; s < 9; ++s)
    sources.emplace_back(asked.batch.tokens.source.sequence(s).begin(), asked.batch.tokens.source.sequence(s).end());
  task::TransformerSteps steps(asked.learner.model(), asked.learner.pass(false), sources);
  decode::BeamOptions options;
  options.beam = 1;
  options.end_token = -1;
  options.max_length = kTokens;
  const auto beam = decode::beam_search(steps, options);
  for (size_t s = 0; s < 9; ++s) EXPECT_EQ(beam[s][0].tokens, found[s]);
}

TEST(Influence, IsTheMoveOfEachRow) {
  // Two rows of width 1, as they are and with either of two inputs changed: the first input moves both.
  const std::vector<double> rows = {1, 2, 3, 1, 1, 4};
  const Matrix moved = influence(Tensor::from<double>({6, 1}, rows), 2);
  EXPECT_EQ(moved, (Matrix{{2, 0}, {0.5, 1}}));
  EXPECT_EQ(mean_of_later(moved), 0);
  EXPECT_EQ(heatmap_of({"a", "b"}, {"x", "y"}, {"p", "q"}, moved).values, (Matrix{{1, 0}, {0.25, 0.5}}));
}

}  // namespace
}  // namespace heddle::lab
