#include "heddle/data/infilling.h"

#include <gtest/gtest.h>

#include <map>

namespace heddle::data {
namespace {

using Ids = std::vector<int32_t>;
constexpr InfillingTokens kTokens = {.prefix = 101, .suffix = 102, .middle = 103, .end = 2};

// The text in its own order, and where its middle was.
std::pair<Ids, std::pair<size_t, size_t>> put_back(const Ids& order) {
  const auto at = [&](int32_t token) { return std::find(order.begin(), order.end(), token); };
  Ids text(order.begin() + 1, at(kTokens.suffix));
  const size_t begin = text.size();
  text.insert(text.end(), at(kTokens.middle) + 1, order.end() - 1);
  const size_t end = text.size();
  text.insert(text.end(), at(kTokens.suffix) + 1, at(kTokens.middle));
  return {text, {begin, end}};
}

TEST(Infilling, NothingIsLostAndEveryMiddleComes) {
  const Ids text = {10, 11, 12};
  std::map<std::pair<size_t, size_t>, int> middles;
  RandomStream random(RandomKey{.seed = 3});
  constexpr int kDraws = 16000;
  for (int i = 0; i < kDraws; ++i) {
    const Ids order = rearranged_for_infilling(text, kTokens, random);
    EXPECT_EQ(std::ssize(order), std::ssize(text) + kInfillingTokens);
    EXPECT_EQ(order.front(), kTokens.prefix);
    EXPECT_EQ(order.back(), kTokens.end);
    const auto [back, middle] = put_back(order);
    EXPECT_EQ(back, text);
    ++middles[middle];
  }
  // Two ends among four places: an empty middle at each of four places, and six others twice as often.
  ASSERT_EQ(middles.size(), 10u);
  for (const auto& [middle, count] : middles)
    EXPECT_NEAR(count, kDraws / (middle.first == middle.second ? 16 : 8), 4 * 45);
}

TEST(Infilling, AnEmptyTextHasAnEmptyMiddle) {
  RandomStream random(RandomKey{.seed = 3});
  EXPECT_EQ(rearranged_for_infilling({}, kTokens, random), (Ids{101, 102, 103, 2}));
}

}  // namespace
}  // namespace heddle::data
