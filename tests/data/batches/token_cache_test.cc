#include "heddle/data/batches/token_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/places/temporary_folder.h"

namespace heddle::data {
namespace {

const std::string kKey(32, 'a');

TokenCache::Fill sequences(std::atomic<int>& built) {
  return [&](const auto& add) {
    ++built;
    for (int32_t i = 0; i < 5; ++i) add(std::vector<int32_t>(static_cast<size_t>(i), i));
  };
}

void expect_sequences(const TokenCache& cache) {
  ASSERT_EQ(cache.size(), 5);
  EXPECT_EQ(cache.tokens(), 10);
  for (int32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(std::ssize(cache[i]), i);
    for (int32_t id : cache[i]) EXPECT_EQ(id, i);
  }
}

TEST(TokenCache, IsBuiltOnceAndReadAgain) {
  TemporaryFolder folder;
  std::atomic<int> built = 0;
  for (int run = 0; run < 3; ++run) expect_sequences(TokenCache::open(folder.path() / "cache", kKey, sequences(built)));
  EXPECT_EQ(built, 1);
  expect_sequences(TokenCache::open(folder.path() / "cache", std::string(32, 'b'), sequences(built)));
  EXPECT_EQ(built, 2);
  EXPECT_EQ(TokenCache::open(folder.path(), std::string(32, 'c'), [](const auto&) {}).size(), 0);
}

TEST(TokenCache, TwoRunsBuildItOnce) {
  TemporaryFolder folder;
  std::atomic<int> built = 0;
  std::vector<std::thread> runs;
  for (int run = 0; run < 4; ++run)
    runs.emplace_back([&] {
      expect_sequences(TokenCache::open(folder.path(), kKey, [&](const auto& add) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        sequences(built)(add);
      }));
    });
  for (std::thread& run : runs) run.join();
  EXPECT_EQ(built, 1);
}

TEST(TokenCache, ADamagedFileIsBuiltAgain) {
  TemporaryFolder folder;
  std::atomic<int> built = 0;
  TokenCache::open(folder.path(), kKey, sequences(built));
  const auto file = folder.path() / (kKey + ".tokens");
  const auto size = std::filesystem::file_size(file);
  for (uintmax_t left : {size - 1, size / 2, uintmax_t{0}}) {
    std::filesystem::resize_file(file, left);
    const int before = built;
    expect_sequences(TokenCache::open(folder.path(), kKey, sequences(built)));
    EXPECT_EQ(built, before + 1);
  }
}

TEST(TokenCache, AFailedBuildLeavesNothing) {
  TemporaryFolder folder;
  std::atomic<int> built = 0;
  EXPECT_THROW(TokenCache::open(
                   folder.path(), kKey,
                   [](const auto& add) {
    add(std::vector<int32_t>{1});
    throw std::runtime_error("killed");
                   }),
               std::runtime_error);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / (kKey + ".tokens")));
  expect_sequences(TokenCache::open(folder.path(), kKey, sequences(built)));
}

TEST(TokenCache, TheKeyIsOfDataAndTokenizer) {
  TemporaryFolder folder;
  const auto a = folder.write("a", "one"), b = folder.write("b", "two"), c = folder.write("c", "o"),
             d = folder.write("d", "netwo");
  using Files = std::vector<std::filesystem::path>;
  const std::string key = cache_key(Files{a, b}, "t");
  EXPECT_EQ(key.size(), 32u);
  EXPECT_EQ(key, cache_key(Files{a, b}, "t"));
  EXPECT_NE(key, cache_key(Files{b, a}, "t"));
  EXPECT_NE(key, cache_key(Files{c, d}, "t"));
  EXPECT_NE(key, cache_key(Files{a, b}, "u"));
}

}  // namespace
}  // namespace heddle::data
