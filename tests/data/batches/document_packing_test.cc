#include "heddle/data/batches/document_packing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heddle/base/error.h"
#include "heddle/base/random.h"
#include "heddle/data/batches/batch_ramp.h"

namespace heddle::data {
namespace {

std::vector<int64_t> random_lengths(int64_t count, uint64_t most) {
  RandomStream random({.seed = 4});
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < count; ++i) lengths.push_back(1 + static_cast<int64_t>(random.below(most)));
  return lengths;
}

TEST(DocumentPacking, EveryDocumentOnceInRowsOfTheWidth) {
  for (int64_t width : {50, 64, 512}) {
    const auto lengths = random_lengths(2000, 50);
    const auto rows = pack_documents(lengths, width);
    std::vector<int64_t> seen;
    for (const PackedRow& row : rows) {
      int64_t tokens = 0;
      for (int64_t i : row.documents) tokens += lengths[static_cast<size_t>(i)];
      EXPECT_EQ(tokens, row.tokens);
      EXPECT_LE(tokens, width);
      seen.insert(seen.end(), row.documents.begin(), row.documents.end());
    }
    std::ranges::sort(seen);
    ASSERT_EQ(seen.size(), 2000u);
    for (int64_t i = 0; i < 2000; ++i) ASSERT_EQ(seen[static_cast<size_t>(i)], i);
    // Best-fit decreasing needs at most 11/9 of the fewest rows that there can be, and 4 (Johnson 1973).
    const int64_t all = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
    EXPECT_LE(static_cast<double>(rows.size()),
              11.0 / 9 * std::ceil(static_cast<double>(all) / static_cast<double>(width)) + 4);
  }
}

TEST(DocumentPacking, WasteIsSmallerThanPadding) {
  const auto lengths = random_lengths(5000, 200);
  std::vector<std::vector<int64_t>> batches;
  for (int64_t i = 0; i < 5000; ++i) {
    if (i % 32 == 0) batches.emplace_back();
    batches.back().push_back(i);
  }
  const double padded = padding_waste(batches, lengths).share(),
               packed = packing_waste(pack_documents(lengths, 512), 512).share();
  EXPECT_NEAR(padded, 0.5, 0.05);
  EXPECT_LT(packed, 0.01);
  EXPECT_EQ(packing_waste({}, 512).share(), 0);
}

TEST(DocumentPacking, LongDocumentsAreCutFirst) {
  const std::vector<int64_t> lengths = {5, 12, 0, 8};
  EXPECT_THROW(pack_documents(lengths, 8), InputError);
  EXPECT_THROW(pack_documents(lengths, 0), InputError);
  EXPECT_EQ(cut_documents(lengths, 8), (std::vector<DocumentPiece>{{0, 0, 5}, {1, 0, 8}, {1, 8, 12}, {3, 0, 8}}));
}

TEST(BatchRamp, GrowsEvenlyAndStays) {
  const BatchRamp ramp = {.from = 1000, .to = 9000, .steps = 80, .multiple = 64};
  EXPECT_EQ(ramp.batch_tokens(0), 960);
  EXPECT_EQ(ramp.batch_tokens(40), 4992);
  EXPECT_EQ(ramp.batch_tokens(80), 9000);
  EXPECT_EQ(ramp.batch_tokens(100000), 9000);
  for (int64_t step = 1; step < 100; ++step) EXPECT_GE(ramp.batch_tokens(step), ramp.batch_tokens(step - 1));
  EXPECT_EQ(BatchRamp{.to = 500}.batch_tokens(0), 500);
  EXPECT_THROW((BatchRamp{.from = 10, .to = 5}.check()), InputError);
}

}  // namespace
}  // namespace heddle::data
