// Joining by a queue gives what joining by the definition gives.

#include "heddle/text/bpe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

struct Rule {
  int32_t left, right, joined;
};

// The definition: find the lowest rank, leftmost first; join; again.
void apply_slowly(std::vector<int32_t>& symbols, const std::vector<Rule>& rules) {
  for (bool joined = true; joined;) {
    joined = false;
    for (const Rule& rule : rules) {
      for (size_t i = 0; i + 1 < symbols.size() && !joined; ++i)
        if (symbols[i] == rule.left && symbols[i + 1] == rule.right) {
          symbols[i] = rule.joined;
          symbols.erase(symbols.begin() + static_cast<long>(i) + 1);
          joined = true;
        }
      if (joined) break;
    }
  }
}

// Random vocabularies of strings over {a, b, c}: a merge's token is the text of both, as in any
// real file.
TEST(Bpe, EqualsTheDefinition) {
  RandomStream random(RandomKey{.seed = 5});
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<std::string> tokens = {"a", "b", "c"};
    std::vector<Rule> rules;
    Bpe bpe;
    for (int i = 0; i < 12; ++i) {
      const auto left = static_cast<int32_t>(random.below(tokens.size())),
                 right = static_cast<int32_t>(random.below(tokens.size()));
      const std::string text = tokens[static_cast<size_t>(left)] + tokens[static_cast<size_t>(right)];
      if (std::ranges::find(tokens, text) != tokens.end()) continue;
      rules.push_back({left, right, static_cast<int32_t>(tokens.size())});
      bpe.add_merge(left, right, static_cast<int32_t>(rules.size()), rules.back().joined);
      tokens.push_back(text);
    }
    std::vector<int32_t> fast(random.below(40));
    for (int32_t& symbol : fast) symbol = static_cast<int32_t>(random.below(3));
    std::vector<int32_t> slow = fast;
    bpe.apply(fast);
    apply_slowly(slow, rules);
    EXPECT_EQ(fast, slow) << "trial " << trial;
  }
}

TEST(Bpe, OfTwoMergesOfOnePairTheLaterCounts) {
  Bpe bpe;
  bpe.add_merge(0, 1, 0, 7);
  bpe.add_merge(0, 1, 1, 8);
  std::vector<int32_t> symbols = {0, 1};
  bpe.apply(symbols);
  EXPECT_EQ(symbols, std::vector<int32_t>{8});
}

TEST(Bpe, NothingAndOneSymbolStay) {
  Bpe bpe;
  bpe.add_merge(0, 0, 0, 1);
  std::vector<int32_t> none, one = {0}, three = {0, 0, 0};
  bpe.apply(none);
  bpe.apply(one);
  bpe.apply(three);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(one, std::vector<int32_t>{0});
  EXPECT_EQ(three, (std::vector<int32_t>{1, 0}));  // leftmost first
}

}  // namespace
}  // namespace heddle::text
