// The toy language keeps its own rules: every target follows from its source but for the register.

#include "heddle/lab/tasks/toy_translation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace heddle::lab {
namespace {

TEST(ToyTranslation, EveryTargetWordTranslatesItsPlace) {
  for (const bool reversed : {false, true})
    for (const bool one_register : {false, true}) {
      RandomStream random({4, 0, 0, 0});
      const ToyLanguage language = {.reversed = reversed, .one_register = one_register};
      const ToyTranslations batch = toy_translations(language, random, 200);
      size_t token = 0;
      int64_t mixed = 0;
      for (int64_t s = 0; s < 200; ++s) {
        const auto source = batch.tokens.source.sequence(s), target = batch.tokens.target_out.sequence(s);
        ASSERT_EQ(target.size(), source.size() + 1);
        std::set<int32_t> registers;
        for (size_t i = 0; i < source.size(); ++i) {
          const int32_t place = batch.places[token + i];
          const size_t wanted = reversed ? source.size() - 1 - i : i % 2 ? i - 1 : i + 1;
          ASSERT_EQ(place, static_cast<int32_t>(wanted));
          const std::string from = ToyLanguage::word(source[wanted]), to = ToyLanguage::word(target[i]);
          for (size_t c = 0; c < 3; ++c) EXPECT_EQ(std::toupper(from[c]), to[c]);
          registers.insert(target[i] - ToyLanguage::without_register(target[i]));
        }
        mixed += registers.size() > 1;
        EXPECT_EQ(batch.places[token + source.size()], -1);
        EXPECT_EQ(target.back(), ToyLanguage::kEnd);
        token += target.size();
      }
      EXPECT_EQ(mixed > 0, !one_register);
    }
}

TEST(ToyTranslation, AdjectivesAgreeWithTheirNouns) {
  RandomStream random({5, 0, 0, 0});
  const ToyTranslations batch = toy_translations({}, random, 300);
  for (int64_t s = 0; s < 300; ++s) {
    const auto target = batch.tokens.target_out.sequence(s);
    for (size_t i = 0; i + 2 < target.size(); i += 2) {
      const int gender = (target[i] - ToyLanguage::target_noun(0, 0)) / 2 % 2;
      EXPECT_EQ(ToyLanguage::word(target[i + 1])[3], gender ? 'a' : 'o');
    }
  }
}

TEST(ToyTranslation, SaysHowMuchIsLeftToChance) {
  RandomStream random({6, 0, 0, 0});
  const ToyLanguage language = {.least_pairs = 3, .most_pairs = 3, .one_register = false};
  EXPECT_NEAR(toy_translations(language, random, 10).entropy, std::log(2.0) * 6 / 7, 1e-12);
  EXPECT_NEAR(toy_translations({.least_pairs = 3, .most_pairs = 3}, random, 10).entropy, std::log(2.0) / 7, 1e-12);
}

TEST(ToyTranslation, AnotherWordIsOfTheSameKind) {
  for (int i = 0; i < 8; ++i) {
    const int32_t adjective = ToyLanguage::other_source_word(ToyLanguage::source_adjective(i));
    EXPECT_NE(adjective, ToyLanguage::source_adjective(i));
    EXPECT_LT(adjective, ToyLanguage::source_noun(0));
    const int32_t noun = ToyLanguage::other_source_word(ToyLanguage::source_noun(i));
    EXPECT_NE(noun, ToyLanguage::source_noun(i));
    EXPECT_GE(noun, ToyLanguage::source_noun(0));
    EXPECT_LT(noun, ToyLanguage::target_noun(0, 0));
  }
}

}  // namespace
}  // namespace heddle::lab
