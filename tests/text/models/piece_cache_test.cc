// What is remembered of a piece is what was made of it, whatever else came between.

#include "heddle/text/models/piece_cache.h"

#include <gtest/gtest.h>

#include <map>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

using Ids = std::vector<int32_t>;

PieceCache::Query query_of(const std::string& piece) {
  return PieceCache::query(piece.data(), piece.size(), piece.size());
}

// nullopt: it is not known. What is met lately is the same as what is found.
std::optional<Ids> recall(PieceCache& cache, const std::string& piece) {
  const auto query = query_of(piece);
  std::optional<Ids> lately;
  if (const auto* recent = cache.recent(query)) lately.emplace(recent->ids, recent->ids + recent->count);
  const auto found = cache.find(query);
  if (found.empty()) return lately;
  const Ids ids(found.begin(), found.end());
  EXPECT_TRUE(!lately || lately == ids) << piece;
  return ids;
}

// Ids that follow from the piece, so that a mix-up shows.
Ids ids_of(const std::string& piece) {
  Ids ids;
  for (size_t i = 0; i < 1 + piece.size() % 7; ++i)
    ids.push_back(static_cast<int32_t>(std::hash<std::string>()(piece) % 100000 + i));
  return ids;
}

// More than it can hold, short pieces and long ones with zeros among them: the log goes round, the index replaces.
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
      cache.remember(query_of(piece), ids_of(piece));
      ASSERT_EQ(recall(cache, piece), ids_of(piece));
    }
  }
  EXPECT_GT(recalled, 200'000);
}

// Hundreds of thousands of words stay known.
TEST(PieceCache, RemembersMuch) {
  PieceCache cache;
  for (int i = 0; i < 500'000; ++i) cache.remember(query_of("word" + std::to_string(i)), Ids{i, i + 1, i + 2, i + 3});
  int known = 0;
  for (int i = 0; i < 500'000; ++i) known += recall(cache, "word" + std::to_string(i)) == Ids{i, i + 1, i + 2, i + 3};
  EXPECT_GT(known, 495'000);
}

// However much may be read behind a piece, its words are the same.
TEST(PieceCache, QueriesAreOfThePieceAlone) {
  const std::string text = "weavers weave the warp and the weft";
  for (size_t length = 1; length <= text.size(); ++length) {
    const auto words = [&](const std::string& of, size_t readable) {
      const auto query = PieceCache::query(of.data(), length, readable);
      return std::array{query.low, query.high, query.hash};
    };
    EXPECT_EQ(words(text, text.size()), words(text, length)) << length;
    EXPECT_EQ(words(text.substr(0, length) + std::string(40, '#'), length + 40), words(text, length)) << length;
  }
}

}  // namespace
}  // namespace heddle::text
