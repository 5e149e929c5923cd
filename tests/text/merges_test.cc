// Joining by a queue gives what joining by the definition gives.

#include "heddle/text/models/merges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

std::vector<int32_t> joined(const Merges& merges, const std::vector<int32_t>& ids) {
  std::vector<Symbol> symbols;
  for (int32_t id : ids) symbols.push_back({id, 1});
  merges.apply(symbols);
  uint32_t length = 0;
  std::vector<int32_t> result;
  for (const Symbol& symbol : symbols) {
    result.push_back(symbol.id);
    length += symbol.length;
  }
  EXPECT_EQ(length, ids.size());
  return result;
}

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
TEST(Merges, EqualsTheDefinition) {
  RandomStream random(RandomKey{.seed = 5});
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<std::string> tokens = {"a", "b", "c"};
    std::vector<Rule> rules;
    Merges merges;
    for (int i = 0; i < 12; ++i) {
      const auto left = static_cast<int32_t>(random.below(tokens.size())),
                 right = static_cast<int32_t>(random.below(tokens.size()));
      const std::string text = tokens[static_cast<size_t>(left)] + tokens[static_cast<size_t>(right)];
      if (std::ranges::find(tokens, text) != tokens.end()) continue;
      rules.push_back({left, right, static_cast<int32_t>(tokens.size())});
      merges.add(left, right, static_cast<int32_t>(rules.size()), rules.back().joined);
      tokens.push_back(text);
    }
    std::vector<int32_t> slow(random.below(60));  // short ones and long ones go different ways
    for (int32_t& symbol : slow) symbol = static_cast<int32_t>(random.below(3));
    const auto fast = joined(merges, slow);
    apply_slowly(slow, rules);
    EXPECT_EQ(fast, slow) << "trial " << trial;
  }
}

TEST(Merges, OfTwoMergesOfOnePairTheLaterCounts) {
  Merges merges;
  merges.add(0, 1, 0, 7);
  merges.add(0, 1, 1, 8);
  EXPECT_EQ(joined(merges, {0, 1}), std::vector<int32_t>{8});
}

TEST(Merges, NothingAndOneSymbolStay) {
  Merges merges;
  merges.add(0, 0, 0, 1);
  EXPECT_TRUE(joined(merges, {}).empty());
  EXPECT_EQ(joined(merges, {0}), std::vector<int32_t>{0});
  EXPECT_EQ(joined(merges, {0, 0, 0}), (std::vector<int32_t>{1, 0}));  // leftmost first
}

// The definition: of the merges that fit, by rank and place, the first that is not passed over.
void apply_slowly(std::vector<int32_t>& symbols, const std::vector<Rule>& rules, double dropout, RandomStream& random) {
  for (bool joined = true; joined;) {
    joined = false;
    for (const Rule& rule : rules)
      for (size_t i = 0; i + 1 < symbols.size() && !joined; ++i)
        if (symbols[i] == rule.left && symbols[i + 1] == rule.right && random.uniform() >= dropout) {
          symbols[i] = rule.joined;
          symbols.erase(symbols.begin() + static_cast<long>(i) + 1);
          joined = true;
        }
  }
}

TEST(Merges, WithDropoutTheSameStreamGivesWhatTheDefinitionGives) {
  const std::vector<Rule> rules = {{0, 1, 3}, {3, 2, 4}, {1, 2, 5}, {3, 3, 6}, {2, 2, 7}, {4, 0, 8}};
  Merges merges;
  for (size_t i = 0; i < rules.size(); ++i)
    merges.add(rules[i].left, rules[i].right, static_cast<int32_t>(i), rules[i].joined);
  RandomStream random(RandomKey{.seed = 3});
  for (uint64_t trial = 0; trial < 400; ++trial) {
    std::vector<int32_t> slow(random.below(60));  // both ways of doing it
    for (int32_t& symbol : slow) symbol = static_cast<int32_t>(random.below(3));
    std::vector<Symbol> fast;
    for (const int32_t symbol : slow) fast.push_back({symbol, 1});
    const double dropout = 0.3 * static_cast<double>(trial % 4);
    RandomStream one(RandomKey{.seed = 4}, trial), other = one;
    apply_slowly(slow, rules, dropout, one);
    merges.apply(fast, dropout, other);
    std::vector<int32_t> ids;
    for (const Symbol& symbol : fast) ids.push_back(symbol.id);
    EXPECT_EQ(ids, slow) << "trial " << trial;
  }
}

TEST(Merges, DropoutPassesMergesOver) {
  Merges merges;
  merges.add(0, 0, 0, 1);
  std::vector<Symbol> all(1000, Symbol{0, 1}), none = all, some = all;
  merges.apply(all);
  RandomStream random(RandomKey{.seed = 8});
  merges.apply(none, 1.0, random);
  merges.apply(some, 0.5, random);
  EXPECT_EQ(all.size(), 500u);
  EXPECT_EQ(none.size(), 1000u);
  EXPECT_GT(some.size(), 500u);  // leftmost first makes pairs; what is passed over once breaks the rhythm
  EXPECT_LT(some.size(), 700u);
}

}  // namespace
}  // namespace heddle::text
