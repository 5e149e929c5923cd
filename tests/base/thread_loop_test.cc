#include "heddle/base/thread_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "heddle/base/error.h"

namespace heddle {
namespace {

class ThreadLoop : public testing::TestWithParam<int> {
 protected:
  ThreadLoop() { set_thread_count(GetParam()); }
  ~ThreadLoop() override { set_thread_count(before_); }
  const int before_ = thread_count();
};

TEST_P(ThreadLoop, VisitsEveryIndexOnceInChunksOfAtLeastTheGrain) {
  for (int64_t count : {0, 1, 2, 3, 7, 8, 64, 1000, 12345})
    for (int64_t grain : {0, 1, 3, 100, 100000}) {
      std::vector<std::atomic<int>> visits(static_cast<size_t>(count));
      std::atomic<int> too_small{0}, bad_lane{0}, calls{0};
      parallel_for(count, grain, [&](int64_t begin, int64_t end, int lane) {
        ++calls;
        too_small += end - begin < std::min(grain, count);
        bad_lane += lane < 0 || lane >= thread_count();
        for (int64_t i = begin; i < end; ++i) ++visits[static_cast<size_t>(i)];
      });
      for (const auto& visit : visits) ASSERT_EQ(visit, 1) << count << " " << grain;
      EXPECT_EQ(too_small, 0) << count << " " << grain;
      EXPECT_EQ(bad_lane, 0);
      EXPECT_LE(calls, GetParam());
      EXPECT_EQ(calls == 0, count == 0);
    }
}

TEST_P(ThreadLoop, CutsTheSameWayEachTime) {
  const auto cuts = [] {
    std::mutex mutex;
    std::vector<std::pair<int64_t, int>> begins;
    parallel_for(1001, 10, [&](int64_t begin, int64_t, int lane) {
      const std::lock_guard lock(mutex);
      begins.push_back({begin, lane});
    });
    std::ranges::sort(begins);
    return begins;
  };
  const auto first = cuts();
  EXPECT_EQ(static_cast<int>(first.size()), GetParam());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(cuts(), first);
}

TEST_P(ThreadLoop, LanesAreNotSharedAtOneTime) {
  std::vector<std::atomic<int>> busy(static_cast<size_t>(GetParam()));
  std::atomic<int> shared{0};
  parallel_for(64, 1, [&](int64_t, int64_t, int lane) {
    shared += busy[static_cast<size_t>(lane)].fetch_add(1) != 0;
    parallel_for(64, 1, [&](int64_t, int64_t, int inner) { shared += inner != lane; });
    --busy[static_cast<size_t>(lane)];
  });
  EXPECT_EQ(shared, 0);
}

TEST_P(ThreadLoop, NestedLoopsVisitEveryIndexOnce) {
  constexpr int64_t kOuter = 17, kInner = 23;
  std::vector<std::atomic<int>> visits(kOuter * kInner);
  parallel_for(kOuter, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i)
      parallel_for(kInner, 1, [&](int64_t from, int64_t to, int) {
        for (int64_t j = from; j < to; ++j) ++visits[static_cast<size_t>(i * kInner + j)];
      });
  });
  for (const auto& visit : visits) ASSERT_EQ(visit, 1);
}

TEST_P(ThreadLoop, ExceptionsTravelToTheCallerAndTheNextLoopRuns) {
  for (int64_t bad : {0, 500, 999})
    EXPECT_THROW(parallel_for(
                     1000, 1,
                     [&](int64_t begin, int64_t end, int) {
      if (begin <= bad && bad < end) fail_input("index {}", bad);
                     }),
                 InputError);
  EXPECT_THROW(parallel_for(1000, 1, [](int64_t, int64_t, int) { throw std::bad_alloc(); }), std::bad_alloc);
  EXPECT_THROW(parallel_for(10, 1,
                            [](int64_t, int64_t,
                               int) { parallel_for(10, 1, [](int64_t, int64_t, int) { fail_system("inside"); }); }),
               SystemError);
  std::atomic<int64_t> sum{0};
  parallel_for(1000, 1, [&](int64_t begin, int64_t end, int) { sum += end - begin; });
  EXPECT_EQ(sum, 1000);
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadLoop, testing::Values(1, 2, 3, 5, 16));

// The limit is read when a program starts.
TEST(ThreadCount, KeepsToTheLimitOfOpenMP) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  setenv("OMP_THREAD_LIMIT", "2", 1);
  EXPECT_EXIT((set_thread_count(4), _exit(thread_count())), testing::ExitedWithCode(2), "");
  unsetenv("OMP_THREAD_LIMIT");
}

TEST(ThreadCount, IsAtLeastOne) {
  const int before = thread_count();
  EXPECT_GE(available_threads(), 1);
  for (int count : {0, -3}) {
    set_thread_count(count);
    EXPECT_EQ(thread_count(), 1);
  }
  set_thread_count(before);
}

}  // namespace
}  // namespace heddle
