#include "heddle/lab/tasks/recall.h"

#include <gtest/gtest.h>

#include <set>

#include "heddle/base/error.h"

namespace heddle::lab {
namespace {

TEST(Recall, EveryPlaceHoldsTheFactThatIsAskedFor) {
  const RecallTask task = {.keys = 9, .values = 5, .facts = 4, .queries = 3, .copies = 2};
  RandomStream random({1, 0, 0, 0});
  const RecallBatch batch = recall_batch(task, random, 20);
  ASSERT_EQ(batch.tokens.source.sequences(), 20);
  ASSERT_EQ(batch.places.size(), 20u * 3 * 2);
  for (int64_t s = 0; s < 20; ++s) {
    const auto source = batch.tokens.source.sequence(s);
    const auto asked = batch.tokens.target_in.sequence(s);
    const auto wanted = batch.tokens.target_out.sequence(s);
    EXPECT_EQ(source.size(), 8u);
    EXPECT_EQ(std::set(asked.begin(), asked.end()).size(), 3u);
    for (size_t t = 0; t < asked.size(); ++t) {
      const size_t first = (static_cast<size_t>(s) * 3 + t) * 2;
      EXPECT_LT(batch.places[first], batch.places[first + 1]);
      for (size_t copy = 0; copy < 2; ++copy)
        EXPECT_EQ(source[static_cast<size_t>(batch.places[first + copy])],
                  task.fact_token(asked[t], wanted[t] - task.keys));
    }
  }
}

TEST(Recall, RefusesMoreFactsThanKeys) {
  RandomStream random({1, 0, 0, 0});
  EXPECT_THROW(recall_batch({.keys = 3, .facts = 4, .queries = 1}, random, 1), Error);
}

}  // namespace
}  // namespace heddle::lab
