#include "heddle/lab/tasks/agreement_translation.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace heddle::lab {
namespace {

using Kind = AgreementTranslation::Kind;

TEST(AgreementTranslation, EveryTargetFollowsItsRule) {
  const AgreementTranslation language = {.plain = 3, .ambiguous = 2, .shortest = 2, .longest = 5};
  RandomStream random({1, 0, 0, 0});
  const AgreementTranslation::Batch batch = language.batch(random, 200);
  ASSERT_EQ(batch.kinds.size(), batch.tokens.target_out.ids.size());
  std::map<int32_t, int32_t> plain;
  std::map<std::pair<int32_t, int32_t>, int32_t> ambiguous;  // of word and topic
  size_t t = 0;
  for (int64_t s = 0; s < 200; ++s) {
    const auto source = batch.tokens.source.sequence(s), target = batch.tokens.target_out.sequence(s);
    const auto given = batch.tokens.target_in.sequence(s);
    ASSERT_EQ(source.size(), target.size());
    EXPECT_EQ(given[0], language.kStart);
    EXPECT_EQ(target.back() - language.kClosing, target.front() - language.kOpening);
    EXPECT_EQ(source.back(), language.kEnd);
    for (size_t i = 0; i < target.size(); ++i, ++t) {
      EXPECT_LT(target[i], language.vocab());
      if (i > 0) {
        EXPECT_EQ(given[i], target[i - 1]);
      }
      if (batch.kinds[t] == Kind::plain) {
        EXPECT_EQ(plain.emplace(source[i], target[i]).first->second, target[i]);
      } else if (batch.kinds[t] == Kind::ambiguous) {
        EXPECT_EQ(ambiguous.emplace(std::pair(source[i], source[0]), target[i]).first->second, target[i]);
      }
    }
  }
  EXPECT_EQ(plain.size(), 3u);
  EXPECT_EQ(ambiguous.size(), 4u);
  for (int32_t word = 0; word < 2; ++word) {
    const int32_t id = language.kFirstWord + 3 + word;
    EXPECT_NE((ambiguous[{id, language.kTopic}]), (ambiguous[{id, language.kTopic + 1}]));
  }
}

TEST(AgreementTranslation, EveryWordHasItsName) {
  const AgreementTranslation language = {.plain = 3, .ambiguous = 2};
  std::set<std::string> names;
  for (int32_t id = 0; id < language.vocab(); ++id) EXPECT_TRUE(names.insert(language.name(id)).second) << id;
  EXPECT_EQ(language.name(AgreementTranslation::kTopic + 1), "topic 1");
  EXPECT_EQ(language.name(AgreementTranslation::kFirstWord + 4), "a1");
  EXPECT_EQ(language.name(static_cast<int32_t>(language.vocab()) - 1), "A1 of 1");
}

}  // namespace
}  // namespace heddle::lab
