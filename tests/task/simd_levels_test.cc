// What runs on a processor of 2009 decodes what a new one decodes: the same tokens at every SIMD level.

#include <gtest/gtest.h>

#include "heddle/decode/beam_search.h"
#include "heddle/task/transformer_steps.h"
#include "tests/kernels/kernel_comparison.h"
#include "tests/task/random_translator.h"

namespace heddle::task {
namespace {

TEST(SimdLevels, EveryLevelDecodesTheSameTokens) {
  std::vector<Ids> sources;
  RandomStream random({6, 0, 0, 0});
  for (int s = 0; s < 12; ++s) {
    Ids& source = sources.emplace_back();
    for (uint64_t n = random.below(20); n > 0; --n) source.push_back(static_cast<int32_t>(3 + random.below(60)));
    source.push_back(kEnd);
  }
  const RandomTranslator translator(63, "pre", sources);
  decode::BeamOptions options;
  options.beam = 4;
  options.start_token = kStart;
  options.end_token = kEnd;
  options.forbidden = {kStart};
  options.min_length = 6;
  std::vector<std::vector<decode::Hypothesis>> first;
  kernels::at_every_simd_level([&] {
    TransformerSteps steps(translator.loaded.model, translator.pass(), sources);
    auto found = decode::beam_search(steps, options);
    if (first.empty()) first = std::move(found);
    else
      for (size_t s = 0; s < sources.size(); ++s) {
        EXPECT_EQ(found[s][0].tokens, first[s][0].tokens) << "source " << s;
        EXPECT_NEAR(found[s][0].score, first[s][0].score, 1e-4);
      }
  });
  size_t tokens = 0;
  for (const auto& answers : first) tokens += answers[0].tokens.size();
  EXPECT_GT(tokens, 3 * sources.size()) << "the answers are no mere ends";
}

}  // namespace
}  // namespace heddle::task
