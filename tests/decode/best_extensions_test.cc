#include "heddle/decode/best_extensions.h"

#include <gtest/gtest.h>

#include "heddle/base/random.h"

namespace heddle::decode {
namespace {

// Values of few kinds, so that ties are frequent, in rows that are no whole number of blocks.
std::vector<float> random_row(RandomStream& random, size_t vocab) {
  std::vector<float> row(vocab);
  for (float& value : row) {
    value =
        random.below(3) == 0 ? -0.25f * static_cast<float>(random.below(40)) : static_cast<float>(-random.uniform());
    if (random.below(9) == 0) value = -std::numeric_limits<float>::infinity();
    if (random.below(50) == 0) value = std::numeric_limits<float>::quiet_NaN();
  }
  return row;
}

TEST(BestExtensions, ARowOfTokensIsRankedAsTheyAreOneByOne) {
  RandomStream random({5, 0, 0, 0});
  for (int trial = 0; trial < 300; ++trial) {
    const size_t vocab = 1 + random.below(300), most = 1 + random.below(12);
    BestExtensions blocks, singles;
    blocks.clear(most);
    singles.clear(most);
    for (int32_t parent = 0; parent < 4; ++parent) {
      const double so_far = trial % 3 == 0 ? 0 : -1000 * random.uniform();
      const std::vector<float> row = random_row(random, vocab);
      blocks.offer(so_far, parent, row);
      for (size_t token = 0; token < vocab; ++token)
        singles.offer({so_far + static_cast<double>(row[token]), parent, static_cast<int32_t>(token)});
    }
    ASSERT_EQ(blocks.sorted().size(), singles.sorted().size());
    for (size_t i = 0; i < singles.sorted().size(); ++i) {
      EXPECT_EQ(blocks.sorted()[i].log_probability, singles.sorted()[i].log_probability);
      EXPECT_EQ(blocks.sorted()[i].parent, singles.sorted()[i].parent);
      EXPECT_EQ(blocks.sorted()[i].token, singles.sorted()[i].token);
    }
  }
}

}  // namespace
}  // namespace heddle::decode
