// What is remembered of a piece is what was made of it, whatever else came between.

#include "heddle/text/models/piece_cache.h"

#include <gtest/gtest.h>

#include <map>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

using Ids = std::vector<int32_t>;

PieceCache::Key key_of(const std::string& piece) {
  return PieceCache::key_of(piece.data(), piece.size(), piece.size());
}

std::optional<Ids> recall(const PieceCache& cache, const std::string& piece) {
  const auto key = key_of(piece);
  const PieceCache::Slot* slot = cache.find(cache.place(key, piece.size()), key, piece);
  if (!slot) return std::nullopt;
  const auto ids = cache.ids(*slot);
  return Ids(ids.begin(), ids.end());
}

// Ids that follow from the piece, so that a mix-up shows.
Ids ids_of(const std::string& piece) {
  Ids ids;
  for (size_t i = 0; i < piece.size() % 7; ++i)
    ids.push_back(static_cast<int32_t>(std::hash<std::string>()(piece) % 100000 + i));
  return ids;
}

// More than it can hold, short pieces and long ones with zeros among them: the table grows, replaces, starts anew.
TEST(PieceCache, NeverMixesPiecesUp) {
  PieceCache cache;
  RandomStream random(RandomKey{.seed = 4});
  size_t recalled = 0;
  for (int i = 0; i < 700'000; ++i) {
    std::string piece = std::to_string(random.below(i % 2 == 0 ? 1000 : 1'000'000'000));
    if (i % 5 == 0) piece.resize(1 + random.below(PieceCache::kLongest), 'x');
    if (i % 11 == 0) piece.resize(1 + random.below(PieceCache::kInline), '\0');
    if (const auto ids = recall(cache, piece)) {
      ++recalled;
      ASSERT_EQ(*ids, ids_of(piece)) << piece;
    } else {
      cache.remember(key_of(piece), piece, ids_of(piece));
      ASSERT_EQ(recall(cache, piece), ids_of(piece));
    }
  }
  EXPECT_GT(recalled, 200'000);
}

// However much may be read behind a piece, its key is the same.
TEST(PieceCache, KeysAreOfThePieceAlone) {
  const std::string text = "weavers weave the warp and the weft";
  for (size_t length = 1; length <= PieceCache::kLongest && length <= text.size(); ++length) {
    const auto exact = PieceCache::key_of(text.data(), length, length);
    EXPECT_EQ(PieceCache::key_of(text.data(), length, text.size()), exact) << length;
    const std::string other = text.substr(0, length) + std::string(40, '#');
    EXPECT_EQ(PieceCache::key_of(other.data(), length, other.size()), exact) << length;
  }
}

}  // namespace
}  // namespace heddle::text
