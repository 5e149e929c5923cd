#include "heddle/metrics/edit_band.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace heddle::metrics {
namespace {

// The whole table, for lines so short that the band holds all of it.
int32_t full_distance(const Symbols& a, const Symbols& b) {
  std::vector<int32_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = static_cast<int32_t>(j);
  for (int32_t word : a) {
    int32_t diagonal = row[0]++;
    for (size_t j = 1; j < row.size(); ++j)
      diagonal = std::exchange(row[j], std::min({diagonal + (word != b[j - 1]), row[j] + 1, row[j - 1] + 1}));
  }
  return row.back();
}

Symbols random_text(uint32_t& random, size_t length, uint32_t words) {
  Symbols text(length);
  for (int32_t& word : text) {
    random = random * 1664525 + 1013904223;
    word = static_cast<int32_t>((random >> 16) % words);
  }
  return text;
}

TEST(EditBand, IsTheEditDistanceOfShortLines) {
  uint32_t random = 5;
  for (size_t n = 0; n < 20; ++n)
    for (size_t m = 0; m < 20; ++m) {
      const Symbols a = random_text(random, n, 3), b = random_text(random, m, 3);
      EXPECT_EQ(EditBand(b, a).distance(), full_distance(a, b));
    }
}

TEST(EditBand, AChangeOfSomeWordsIsCountedAsTheWholeLineWouldBe) {
  uint32_t random = 9;
  for (int round = 0; round < 200; ++round) {
    const Symbols reference = random_text(random, 5 + static_cast<size_t>(round), 4);
    Symbols hypothesis = random_text(random, 3 + static_cast<size_t>(round) % 90, 4);
    EditBand band(reference, hypothesis);
    const size_t first = static_cast<size_t>(round) % hypothesis.size();
    const size_t last = std::min(hypothesis.size(), first + 4);
    for (size_t i = first; i < last; ++i) hypothesis[i] = (hypothesis[i] + 1) % 4;
    const int32_t expected = EditBand(reference, hypothesis).distance();
    EXPECT_EQ(band.distance_if(hypothesis, first, last), expected);
    band.update(hypothesis, first);
    EXPECT_EQ(band.distance(), expected);
  }
}

TEST(EditBand, ChangesFarFromTheEndAreCheap) {
  uint32_t random = 3;
  const Symbols text = random_text(random, 10000, 1000);
  EditBand band(text, text);
  Symbols changed = text;
  std::swap(changed[10], changed[11]);
  const int64_t before = band.cells_computed();
  EXPECT_EQ(band.distance_if(changed, 10, 12), 2);
  EXPECT_LT(band.cells_computed() - before, 5000);  // of half a million
}

TEST(EditBand, AlignsWordForWord) {  // 9 is deleted, 3 inserted
  const Symbols reference = {1, 2, 3, 4}, hypothesis = {9, 1, 2, 4};
  const WordAlignment found = EditBand(reference, hypothesis).align(hypothesis);
  EXPECT_EQ(found.position, (std::vector<int32_t>{1, 2, 2, 3}));
  EXPECT_EQ(found.hypothesis_errors, (std::vector<int32_t>{0, 1, 1, 1, 1}));
  EXPECT_EQ(found.reference_errors, (std::vector<int32_t>{0, 0, 0, 1, 1}));
}

// With a ratio above 50 the rows would not meet in a band of 25 columns.
TEST(EditBand, WidensForAReferenceManyTimesAsLong) {
  const Symbols reference(1000, 1);
  EXPECT_EQ(EditBand(reference, {1, 1, 1}).distance(), 997);
  EXPECT_EQ(EditBand(reference, {}).distance(), 1000);
  EXPECT_EQ(EditBand({}, reference).distance(), 1000);
}

}  // namespace
}  // namespace heddle::metrics
