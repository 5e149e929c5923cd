// Any number of loader threads gives the same batches: of a plan over made-up sequences, masked by keys.

#include "heddle/data/batches/batch_loader.h"

#include <gtest/gtest.h>

#include <atomic>

#include "heddle/base/error.h"
#include "heddle/data/batch_plan.h"
#include "heddle/data/masking/masked_sequence.h"

namespace heddle::data {
namespace {

using Masked = std::vector<MaskedSequence>;

TranslationSet made_up_set() {
  TranslationSet set;
  RandomStream random({.seed = 3});
  for (int i = 0; i < 400; ++i) {
    std::vector<int32_t> ids(1 + random.below(20));
    for (int32_t& id : ids) id = 5 + static_cast<int32_t>(random.below(90));
    set.add(ids, ids);
  }
  return set;
}

Masked masked_batch(const TranslationSet& set, const BatchPlan& plan, int64_t number) {
  Masked batch;
  for (const int32_t example : plan.batch(number)) {
    RandomStream random(mask_key(7, example, 2, 0));
    const auto ids = set.source(example);
    const auto chosen = select_units(token_units(std::ssize(ids)), 0.3, {}, random);
    batch.push_back(mask_sequence(ids, chosen, {.mask_id = 4, .first_id = 5, .vocabulary = 95, .noise = 0.1}, random));
  }
  return batch;
}

TEST(BatchLoader, AnyNumberOfThreadsGivesTheSameBatches) {
  const TranslationSet set = made_up_set();
  const BatchPlan plan(set, 100, 11, 2);
  ASSERT_GT(plan.batches(), 20);
  for (const int threads : {0, 1, 2, 5}) {
    for (const size_t ahead : {size_t{1}, size_t{3}, size_t{100}}) {
      BatchLoader<Masked> loader([&](int64_t i, Masked& batch) { batch = masked_batch(set, plan, i); }, threads, ahead);
      loader.start(0, plan.batches());
      int64_t number = 0;
      for (const Masked* batch = loader.next(); batch; batch = loader.next(), ++number) {
        const Masked expected = masked_batch(set, plan, number);
        ASSERT_EQ(batch->size(), expected.size());
        for (size_t i = 0; i < expected.size(); ++i) {
          EXPECT_EQ((*batch)[i].input, expected[i].input);
          EXPECT_EQ((*batch)[i].target, expected[i].target);
        }
      }
      EXPECT_EQ(number, plan.batches());
      EXPECT_FALSE(loader.next());
    }
  }
}

void square(int64_t i, int64_t& batch) { batch = i * i; }

TEST(BatchLoader, StartsAnywhereAndAnew) {
  for (const int threads : {0, 1, 3}) {
    BatchLoader<int64_t> loader(square, threads, 2);
    EXPECT_FALSE(loader.next()) << "nothing was started";
    for (const int64_t first : {5, 0, 7}) {
      loader.start(first, 8);
      for (int64_t i = first; i < 8; ++i) EXPECT_EQ(*loader.next(), i * i);
      EXPECT_FALSE(loader.next());
    }
  }
}

// What make() reads may change while nothing is made, and the batch that was taken last stays.
TEST(BatchLoader, MayBeStoppedInTheMiddle) {
  for (const int threads : {0, 1, 3}) {
    int64_t factor = 1;
    BatchLoader<int64_t> loader([&](int64_t i, int64_t& batch) { batch = factor * i; }, threads, 4);
    for (factor = 1; factor < 200; ++factor) {
      loader.start(1, 1000);
      EXPECT_EQ(*loader.next(), factor);
      const int64_t* last = loader.next();
      loader.stop();
      EXPECT_EQ(*last, 2 * factor);
      EXPECT_FALSE(loader.next());
    }
  }
}

TEST(BatchLoader, AnErrorComesAtItsPlace) {
  for (const int threads : {0, 3}) {
    BatchLoader<int64_t> loader(
        [](int64_t i, int64_t& batch) {
      if (i == 4) fail_input("batch {} is broken", i);
      batch = i;
        },
        threads);
    for (int run = 0; run < 2; ++run) {
      loader.start(0, 9);
      for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(*loader.next(), i);
      EXPECT_THROW(loader.next(), InputError);
    }
    loader.start(5, 9);
    EXPECT_EQ(*loader.next(), 5);
  }
}

TEST(BatchLoader, IsBoundedAndMayBeLeft) {
  std::atomic<int> made = 0;
  {
    BatchLoader<int64_t> loader(
        [&](int64_t i, int64_t& batch) {
      ++made;
      batch = i;
        },
        3, 4);
    loader.start(0, 1000000);
    for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(*loader.next(), i);
  }
  EXPECT_GE(made, 10);
  EXPECT_LE(made, 10 + 4);
}

}  // namespace
}  // namespace heddle::data
