// A trie answers as a list of its strings does.

#include "heddle/text/models/byte_trie.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

std::map<size_t, int32_t> prefixes(const ByteTrie& trie, std::string_view text) {
  std::map<size_t, int32_t> found;
  trie.each_prefix(text, [&](size_t length, int32_t value) { EXPECT_TRUE(found.emplace(length, value).second); });
  return found;
}

TEST(ByteTrie, FindsWhatAListFinds) {
  RandomStream random(RandomKey{.seed = 8});
  for (int trial = 0; trial < 200; ++trial) {
    // From two letters, where strings share much, to all bytes, where nodes have many children.
    const uint64_t letters = trial % 3 == 0 ? 256 : 2 + random.below(8);
    const auto random_string = [&](uint64_t longest) {
      std::string text(random.below(longest + 1), '\0');
      for (char& c : text) c = static_cast<char>(random.below(letters));
      return text;
    };
    std::vector<std::string> strings(random.below(400));
    for (std::string& string : strings) string = random_string(6);
    std::vector<std::pair<std::string_view, int32_t>> members;
    std::map<std::string, int32_t> last;
    for (size_t i = 0; i < strings.size(); ++i) {
      members.emplace_back(strings[i], static_cast<int32_t>(i));
      last[strings[i]] = static_cast<int32_t>(i);
    }
    last.erase("");
    const ByteTrie trie(members);
    for (int k = 0; k < 50; ++k) {
      const std::string text =
          k % 2 == 0 || strings.empty() ? random_string(10) : strings[random.below(strings.size())] + "x";
      std::map<size_t, int32_t> expected;
      for (size_t length = 1; length <= text.size(); ++length)
        if (const auto member = last.find(text.substr(0, length)); member != last.end())
          expected[length] = member->second;
      EXPECT_EQ(prefixes(trie, text), expected);
      const auto longest = trie.longest_prefix(text);
      EXPECT_EQ(longest.length, expected.empty() ? 0 : expected.rbegin()->first);
      EXPECT_EQ(longest.value, expected.empty() ? ByteTrie::kNone : expected.rbegin()->second);
    }
  }
}

TEST(ByteTrie, OfNothingFindsNothing) {
  EXPECT_TRUE(prefixes(ByteTrie(), std::string("\0a", 2)).empty());
  EXPECT_TRUE(prefixes(ByteTrie({{"", 3}}), "a").empty());
}

}  // namespace
}  // namespace heddle::text
