// What is remembered of a piece is what was made of it, whatever else came between.

#include "heddle/text/models/piece_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

using Ids = std::vector<int32_t>;

// nullopt: it is not known. What is near is the same as what is found.
std::optional<Ids> recall(const PieceCache& cache, const std::string& piece) {
  const auto query = cache.query(piece);
  Ids found(PieceCache::kLongest);
  found.resize(cache.find(query, piece, found.data()));
  Ids near(PieceCache::kFewIds + 1);
  near.resize(cache.near(query, near.data()));
  EXPECT_TRUE(near.empty() || found.empty() || near == found) << piece;  // another thread may write in between
  if (found.empty()) return std::nullopt;
  return found;
}

bool remember(PieceCache& cache, const std::string& piece, const Ids& ids) {
  const PieceCache::Learned learned = {cache.query(piece), piece, ids};
  return cache.remember({&learned, 1});
}

// Ids that follow from the piece, so that a mix-up shows.
Ids ids_of(const std::string& piece) {
  Ids ids;
  for (size_t i = 0; i < 1 + piece.size() % 7; ++i)
    ids.push_back(static_cast<int32_t>(std::hash<std::string>()(piece) % 100000 + i));
  return ids;
}

// More than it can hold, short pieces and long ones with zeros among them: the log goes round, the table replaces.
TEST(PieceCache, NeverMixesPiecesUp) {
  PieceCache cache;
  RandomStream random(RandomKey{.seed = 4});
  size_t recalled = 0;
  for (int i = 0; i < 700'000; ++i) {
    std::string piece = std::to_string(random.below(i % 2 == 0 ? 1000 : 1'000'000'000));
    if (i % 3 == 0) piece.resize(1 + random.below(PieceCache::kLongest), 'x');
    if (i % 11 == 0) piece.resize(1 + random.below(PieceCache::kShort), '\0');
    if (const auto ids = recall(cache, piece)) {
      ++recalled;
      ASSERT_EQ(*ids, ids_of(piece)) << piece;
    } else {
      remember(cache, piece, ids_of(piece));
      ASSERT_EQ(recall(cache, piece), ids_of(piece));
    }
  }
  EXPECT_GT(recalled, 200'000);
}

// Hundreds of thousands of words stay known.
TEST(PieceCache, RemembersMuch) {
  PieceCache cache;
  for (int i = 0; i < 500'000; ++i) {
    const std::string word = "word" + std::to_string(i);
    ASSERT_TRUE(remember(cache, word, Ids{i, i + 1, i + 2, i + 3}));
  }
  int known = 0;
  for (int i = 0; i < 500'000; ++i) known += recall(cache, "word" + std::to_string(i)) == Ids{i, i + 1, i + 2, i + 3};
  EXPECT_GT(known, 495'000);
}

// Threads that read and write at once, while the table grows and the log goes round.
TEST(PieceCache, NeverMixesPiecesUpAmongThreads) {
  PieceCache cache;
  std::atomic<size_t> recalled = 0, wrong = 0;
  const auto work = [&](uint64_t seed) {
    RandomStream random(RandomKey{.seed = seed});
    for (int i = 0; i < 150'000; ++i) {
      std::string piece = std::to_string(random.below(i % 2 == 0 ? 1000 : 100'000));
      if (i % 3 == 0) piece.resize(PieceCache::kLongest / 2, 'x');
      if (const auto ids = recall(cache, piece)) {
        ++recalled;
        wrong += *ids != ids_of(piece);
      } else {
        remember(cache, piece, ids_of(piece));
      }
    }
  };
  std::vector<std::thread> threads;
  for (uint64_t seed = 0; seed < 4; ++seed) threads.emplace_back(work, seed);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(recalled, 200'000);
}

// Whatever stands behind a piece, its query is the same.
TEST(PieceCache, QueriesAreOfThePieceAlone) {
  const PieceCache cache;
  const std::string text = "weavers weave the warp and the weft";
  for (size_t length = 1; length <= PieceCache::kShort; ++length) {
    const auto words = [](const PieceCache::Query& query) {
      return std::array{query.low, query.high, uint64_t{query.line}};
    };
    const std::string piece = text.substr(0, length), followed = piece + std::string(40, '#');
    EXPECT_EQ(words(cache.query_short(text.data(), length)), words(cache.query(piece))) << length;
    EXPECT_EQ(words(cache.query_short(followed.data(), length)), words(cache.query(piece))) << length;
  }
}

}  // namespace
}  // namespace heddle::text
