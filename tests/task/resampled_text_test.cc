// What an epoch's text is follows from seed, epoch and example; never longer than allowed.

#include "heddle/task/resampled_text.h"

#include <gtest/gtest.h>

#include "heddle/base/thread_loop.h"
#include "tests/text/trained_tokenizer.h"

namespace heddle::task {
namespace {

class ResampledTextTest : public ::testing::Test {
 protected:
  ResampledTextTest() {
    for (int i = 0; i < 200; ++i)
      pairs_.push_back({"the weaver weaves the warp " + std::to_string(i), "die Größe über the warp", i % 3});
    const auto encode = [&](std::string_view text) { return tokenizer_.encode(text); };
    set_ = data::encode_pairs(pairs_, encode, encode, {}).set;
  }
  ResampledText text(const TextConfig& config, uint64_t seed = 1, data::LengthLimits limits = {}) const {
    return {pairs_, set_, tokenizer_, config, limits, seed};
  }
  // Pairs in which a side of `a` is not that of `b`.
  static std::pair<int, int> differing(const data::TranslationSet& a, const data::TranslationSet& b) {
    int sources = 0, targets = 0;
    for (int64_t i = 0; i < a.size(); ++i) {
      sources += !std::ranges::equal(a.source(i), b.source(i));
      targets += !std::ranges::equal(a.target(i), b.target(i));
    }
    return {sources, targets};
  }

  const text::Tokenizer tokenizer_ = text::trained_tokenizer();
  std::vector<data::TextPair> pairs_;
  data::TranslationSet set_;
};

using Differing = std::pair<int, int>;

TEST_F(ResampledTextTest, SeedAndEpochDecideNotThreads) {
  const int threads = thread_count();
  set_thread_count(1);
  const auto one = text({.dropout = 0.3}).epoch(4);
  set_thread_count(3);
  const auto three = text({.dropout = 0.3}).epoch(4);
  set_thread_count(threads);
  EXPECT_EQ(one.size(), set_.size());
  EXPECT_EQ(differing(one, three), Differing(0, 0));
  for (const auto& other : {text({.dropout = 0.3}).epoch(5), text({.dropout = 0.3}, 2).epoch(4), set_}) {
    EXPECT_GT(differing(one, other).first, 150);
    EXPECT_GT(differing(one, other).second, 150);
  }
  for (int64_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(tokenizer_.decode(one.source(i)), pairs_[static_cast<size_t>(i)].source);
    EXPECT_EQ(tokenizer_.decode(one.target(i)), pairs_[static_cast<size_t>(i)].target);
    EXPECT_EQ(one.domain(i), i % 3);
  }
}

TEST_F(ResampledTextTest, OneSideAlone) {
  const Differing source = differing(text({.dropout = 0.5, .sides = "source"}).epoch(0), set_);
  EXPECT_GT(source.first, 150);
  EXPECT_EQ(source.second, 0);
  const Differing target = differing(text({.dropout = 0.5, .sides = "target"}).epoch(0), set_);
  EXPECT_EQ(target.first, 0);
  EXPECT_GT(target.second, 150);
}

TEST_F(ResampledTextTest, WhatGetsTooLongIsCutAsUsual) {
  int64_t longest = 0;
  for (int64_t i = 0; i < set_.size(); ++i) longest = std::max(longest, std::ssize(set_.source(i)));
  const auto drawn = text({.dropout = 0.2}, 1, {.max_source_tokens = longest + 1}).epoch(0);
  for (int64_t i = 0; i < drawn.size(); ++i) EXPECT_LE(std::ssize(drawn.source(i)), longest + 1);
  EXPECT_GT(differing(drawn, set_).first, 10) << "some still fit";
}

}  // namespace
}  // namespace heddle::task
