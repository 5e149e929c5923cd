// Lists of rows in a cache: what they hold against the textbook, and how many rows there are.

#include "heddle/task/past_rows.h"

#include <gtest/gtest.h>

#include <map>

#include "heddle/base/random.h"

namespace heddle::task {
namespace {

using decode::StepModel, kernels::Mask;

// Every hypothesis with all it ever had: the name of the token at each position.
using Names = std::vector<int64_t>;

// What the rows of a list hold, by position.
std::map<int64_t, int64_t> held(const PastRows& past, size_t row, const std::vector<int64_t>& cache) {
  std::map<int64_t, int64_t> tokens;
  size_t at = static_cast<size_t>(past.table_begin()[row]);
  const kernels::KeyRange whole = {0, past.lengths()[row]};
  for (const kernels::KeyRange& run : past.runs().empty() ? std::span(&whole, 1) : past.runs())
    for (int64_t position = run.begin; position < run.end; ++position)
      tokens[position] = cache[static_cast<size_t>(past.table()[at++])];
  return tokens;
}

// Random forks and drops: each list has the hypothesis' own tokens at every position that a mask still shows.
void expect_lists(const std::vector<Mask>& masks, uint64_t seed, int steps) {
  RandomStream random({seed, 0, 0, 0});
  PastRows past;
  past.start(masks);
  std::vector<int64_t> cache;
  std::vector<Names> hypotheses;
  int64_t name = 0;
  for (int step = 0; step < steps; ++step) {
    std::vector<StepModel::Row> rows;
    std::vector<Names> next;
    for (uint64_t n = 1 + random.below(4); n > 0; --n) {
      const auto parent = step == 0 ? -1 : static_cast<int32_t>(random.below(hypotheses.size()));
      rows.push_back({parent, 0, 0});
      next.push_back(parent < 0 ? Names() : hypotheses[static_cast<size_t>(parent)]);
      next.back().push_back(name++);
    }
    hypotheses = next;
    past.step(rows);
    cache.resize(static_cast<size_t>(past.capacity()), -1);
    for (size_t r = 0; r < rows.size(); ++r) cache[static_cast<size_t>(past.new_rows()[r])] = hypotheses[r].back();
    for (size_t r = 0; r < rows.size(); ++r) {
      const auto tokens = held(past, r, cache);
      ASSERT_EQ(static_cast<int64_t>(tokens.size()), past.kept());
      for (const auto& [position, token] : tokens)
        ASSERT_EQ(token, hypotheses[r][static_cast<size_t>(position)]) << "position " << position << " of " << step;
      for (int64_t position = 0; position <= step; ++position)
        for (const Mask& mask : masks)
          ASSERT_TRUE(tokens.contains(position) || !mask.allowed(step, position)) << position << " of " << step;
    }
  }
}

TEST(PastRows, HoldWhatAMaskStillShows) {
  const Mask causal = Mask::causal();
  expect_lists({causal}, 1, 40);
  expect_lists({causal & Mask::window(5)}, 2, 60);
  expect_lists({causal & (Mask::window(5) | Mask::prefix(3))}, 3, 60);
  expect_lists({causal & Mask::window(3), causal & Mask::window(9) & ~Mask::diagonal()}, 4, 60);
  expect_lists({causal & (Mask::block(4) | Mask::before_block(4, 6))}, 5, 60);
  const kernels::KeyRange scattered[] = {{0, 1}, {3, 4}, {6, 7}, {9, 10}, {12, 13}, {15, 16}};
  expect_lists({causal & (Mask::window(2) | Mask::arbitrary(scattered))}, 6, 40);
}

int64_t capacity_after(const Mask& mask, int steps) {
  PastRows past;
  past.start({mask});
  for (int step = 0; step < steps; ++step) {
    const StepModel::Row rows[] = {{step ? 1 : -1, 0, 0}, {step ? 0 : -1, 0, 0}, {step ? 0 : -1, 0, 0}};
    past.step(rows);
  }
  return past.capacity();
}

TEST(PastRows, AreNoMoreThanWhatIsSeen) {
  const Mask window = Mask::causal() & Mask::window(100);
  EXPECT_EQ(capacity_after(window, 20000), capacity_after(window, 500));
  EXPECT_LE(capacity_after(window, 20000), 1024) << "three hypotheses that see 100 tokens each";
  EXPECT_LE(capacity_after(Mask::causal() & (Mask::window(100) | Mask::prefix(4)), 20000), 1024);
  // All is seen, but the third hypothesis never goes on.
  EXPECT_LE(capacity_after(Mask::causal(), 2000), 2 * 4000 + 256);
}

TEST(PastRows, ASecondSearchBeginsAfresh) {
  PastRows past;
  const StepModel::Row first[] = {{-1, 0, 0}, {-1, 0, 1}}, next[] = {{0, 0, 0}, {1, 0, 1}};
  for (int search = 0; search < 3; ++search) {
    past.start({Mask::causal()});
    past.step(first);
    for (int step = 0; step < 100; ++step) past.step(next);
    EXPECT_EQ(past.kept(), 101);
    EXPECT_EQ(past.capacity(), 256);
  }
}

}  // namespace
}  // namespace heddle::task
