#include "heddle/base/memory.h"

#include <gtest/gtest.h>

#include <memory>

namespace heddle {
namespace {

TEST(Memory, TheHeapsBytesRiseAndFallWithWhatIsHeld) {
  const int64_t before = heap_bytes();
  if (before == 0) GTEST_SKIP() << "this C library does not tell";
  for (const int64_t bytes : {int64_t{1} << 12, int64_t{1} << 24}) {
    auto held = std::make_unique<char[]>(static_cast<size_t>(bytes));
    EXPECT_GE(heap_bytes() - before, bytes);
    held.reset();
    EXPECT_LT(heap_bytes() - before, bytes);
  }
  EXPECT_GT(peak_rss_bytes(), 0);
}

}  // namespace
}  // namespace heddle
