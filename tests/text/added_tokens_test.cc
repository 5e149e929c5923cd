#include "heddle/text/added_tokens.h"

#include <gtest/gtest.h>

#include <set>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

TEST(AddedTokens, TheLongestIsFoundAsBySearchingAll) {
  RandomStream random(RandomKey{.seed = 9});
  const auto draw = [&](uint64_t most) {
    std::string text;
    for (uint64_t k = 1 + random.below(most); k > 0; --k) text += "ab\xC3"[random.below(3)];
    return text;
  };
  int found = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::set<std::string> contents;
    for (uint64_t k = random.below(8); k > 0; --k) contents.insert(draw(5));
    std::vector<AddedToken> tokens;
    for (const std::string& content : contents) tokens.push_back({content, static_cast<int32_t>(tokens.size()), true});
    const AddedTokens added(tokens);
    const std::string text = draw(20);
    for (size_t at = 0; at < text.size(); ++at) {
      std::string longest;
      for (const std::string& content : contents)
        if (text.compare(at, content.size(), content) == 0 && content.size() > longest.size()) longest = content;
      const AddedToken* hit = added.longest_at(text, at);
      EXPECT_EQ(hit ? hit->content : "", longest);
      found += hit != nullptr;
    }
  }
  EXPECT_GT(found, 500);
}

}  // namespace
}  // namespace heddle::text
