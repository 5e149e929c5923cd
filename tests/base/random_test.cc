// Philox against its authors' published answers, and draws that depend on their meaning alone.

#include "heddle/base/random.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace heddle {
namespace {

// philox4x32 10 of kat_vectors in the authors' Random123 library.
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, 0), (Philox4{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, ~0ull), (Philox4{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822ull),
            (Philox4{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// SplitMix64 from seed 0: its first two outputs, as published with the generator.
TEST(Philox, TheKeysMixIsSplitMix) {
  EXPECT_EQ(mix64(0), 0xE220A8397B1DCDAFull);
  EXPECT_EQ(mix64(0x9E3779B97F4A7C15ull), 0x6E789E6AA1B965F4ull);
}

// FNV-1a's published answers.
TEST(Philox, SitesAreFnv) {
  EXPECT_EQ(site_id(""), 0xCBF29CE484222325ull);
  EXPECT_EQ(site_id("a"), 0xAF63DC4C8601EC8Cull);
  EXPECT_EQ(site_id("foobar"), 0x85944171F73967E8ull);
}

TEST(RandomKey, EveryMeaningChangesIt) {
  std::set<uint64_t> keys;
  for (uint64_t seed = 0; seed < 6; ++seed)
    for (uint64_t step = 0; step < 6; ++step)
      for (uint64_t pass = 0; pass < 6; ++pass)
        for (const char* site : {"a", "b", "encoder.layer.0", "encoder.layer.1", "ab", "ba"})
          keys.insert(RandomKey{seed, step, pass, 0}.at(site).key());
  EXPECT_EQ(keys.size(), 6u * 6 * 6 * 6);
}

// The share of equal bits of two streams that should have nothing in common: a half, give or take 6
// deviations.
double equal_bits(RandomStream a, RandomStream b) {
  constexpr int kWords = 4000;
  int64_t equal = 0;
  for (int i = 0; i < kWords; ++i) equal += 64 - __builtin_popcountll(a.next64() ^ b.next64());
  return static_cast<double>(equal) / (64.0 * kWords);
}

TEST(RandomStream, StreamsHaveNothingInCommon) {
  const RandomKey key{.seed = 1};
  constexpr double kSixDeviations = 6 * 0.5 / 506;  // √(64 · 4000) = 506
  EXPECT_NEAR(equal_bits(RandomStream(key, 0), RandomStream(key, 1)), 0.5, kSixDeviations);
  EXPECT_NEAR(equal_bits(RandomStream(key), RandomStream({.seed = 2})), 0.5, kSixDeviations);
  EXPECT_NEAR(equal_bits(RandomStream(key), RandomStream({.seed = 1, .step = 1})), 0.5, kSixDeviations);
  EXPECT_NEAR(equal_bits(RandomStream(key), RandomStream({.seed = 1, .pass = 1})), 0.5, kSixDeviations);
  EXPECT_NEAR(equal_bits(RandomStream(key), RandomStream(key.at("x"))), 0.5, kSixDeviations);
  EXPECT_EQ(equal_bits(RandomStream(key), RandomStream(key)), 1.0);
}

TEST(RandomStream, GoesOnFromAnyPosition) {
  RandomStream stream(RandomKey{.seed = 3});
  for (int i = 0; i < 8; ++i) stream.next32();
  const uint64_t position = stream.position();
  std::vector<uint32_t> rest(10), again(10);
  for (uint32_t& word : rest) word = stream.next32();
  RandomStream other(RandomKey{.seed = 3});
  other.seek(position);
  for (uint32_t& word : again) word = other.next32();
  EXPECT_EQ(rest, again);
}

TEST(RandomStream, DrawsHaveTheirDistributions) {
  RandomStream stream(RandomKey{.seed = 4});
  constexpr int kDraws = 200'000;
  double sum = 0, normal_sum = 0, normal_squares = 0;
  std::vector<int> faces(6);
  for (int i = 0; i < kDraws; ++i) {
    const double u = stream.uniform(), z = stream.normal();
    ASSERT_TRUE(u >= 0 && u < 1 && std::isfinite(z));
    sum += u;
    normal_sum += z;
    normal_squares += z * z;
    ++faces[stream.below(6)];
  }
  const double n = kDraws, deviation = 1 / std::sqrt(n);
  EXPECT_NEAR(sum / n, 0.5, 6 * 0.289 * deviation);
  EXPECT_NEAR(normal_sum / n, 0, 6 * deviation);
  EXPECT_NEAR(normal_squares / n, 1, 6 * 1.42 * deviation);
  for (int count : faces) EXPECT_NEAR(count / n, 1 / 6.0, 6 * 0.373 * deviation);
  EXPECT_EQ(stream.below(1), 0u);
}

TEST(Random16, DropsAsOftenAsAsked) {
  for (double p : {0.0, 0.1, 0.5, 1.0}) {
    int64_t dropped = 0;
    constexpr int kRows = 300, kColumns = 301;
    for (uint32_t row = 0; row < kRows; ++row)
      for (uint32_t column = 0; column < kColumns; ++column) dropped += random16(5, 7, row, column) < drop_threshold(p);
    EXPECT_NEAR(static_cast<double>(dropped) / (kRows * kColumns), p,
                6 * std::sqrt(p * (1 - p) / (kRows * kColumns)) + 1e-12);
  }
}

TEST(Random16, ExampleRowAndColumnEachMatter) {
  const auto row_of = [](uint64_t example, uint32_t row) {
    std::vector<uint32_t> values;
    for (uint32_t column = 0; column < 64; ++column) values.push_back(random16(5, example, row, column));
    return values;
  };
  EXPECT_EQ(row_of(1, 2), row_of(1, 2));
  EXPECT_NE(row_of(1, 2), row_of(1, 3));
  EXPECT_NE(row_of(1, 2), row_of(2, 2));
  EXPECT_NE(row_of(1, 2), row_of(1 + (1ull << 32), 2));
  const auto values = row_of(1, 2);
  EXPECT_GT((std::set<uint32_t>(values.begin(), values.end()).size()), 60u);
}

}  // namespace
}  // namespace heddle
