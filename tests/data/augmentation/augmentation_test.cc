#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "heddle/base/error.h"
#include "heddle/data/augmentation/image_changes.h"
#include "heddle/data/augmentation/smote.h"
#include "heddle/data/augmentation/text_noise.h"

namespace heddle::data {
namespace {

std::vector<int32_t> numbers(int32_t count) {
  std::vector<int32_t> ids(static_cast<size_t>(count));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

void expect_share(int64_t count, int64_t n, double p) {
  EXPECT_NEAR(static_cast<double>(count) / static_cast<double>(n), p,
              5 * std::sqrt(p * (1 - p) / static_cast<double>(n)));
}

TEST(TextNoise, DroppedTokensLeaveTheRestInOrder) {
  RandomStream random({.seed = 1});
  const auto kept = drop_tokens(numbers(20000), 0.3, random);
  expect_share(20000 - std::ssize(kept), 20000, 0.3);
  EXPECT_TRUE(std::ranges::is_sorted(kept));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(drop_tokens(numbers(2), 0.99, random).empty(), false);
  EXPECT_TRUE(drop_tokens({}, 0.5, random).empty());
  EXPECT_THROW(drop_tokens(numbers(2), 1, random), InputError);
}

TEST(TextNoise, SwapsMoveTokensNotFar) {
  RandomStream random({.seed = 1});
  const auto one = swap_tokens(numbers(100), 0.01, 3, random);
  int64_t moved = 0;
  for (int32_t i = 0; i < 100; ++i) {
    moved += one[static_cast<size_t>(i)] != i;
    EXPECT_LE(std::abs(one[static_cast<size_t>(i)] - i), 3);
  }
  EXPECT_EQ(moved, 2);
  auto many = swap_tokens(numbers(100), 1, 99, random);
  EXPECT_FALSE(std::ranges::is_sorted(many));
  std::ranges::sort(many);
  EXPECT_EQ(many, numbers(100));
  EXPECT_EQ(swap_tokens(numbers(1), 1, 1, random), numbers(1));
  EXPECT_THROW(swap_tokens(numbers(2), 0.5, 0, random), InputError);
}

TEST(TextNoise, NeighboursReplaceInTheirShare) {
  RandomStream random({.seed = 1});
  const std::vector<int32_t> near = {7, 8};
  const auto neighbours = [&](int32_t id) {
    return id == 1 ? std::span<const int32_t>(near) : std::span<const int32_t>();
  };
  std::vector<int32_t> ids(10000, 1);
  ids.resize(12000, 2);
  const auto out = replace_by_neighbours(ids, 0.4, neighbours, random);
  const auto sevens = std::ranges::count(out, 7), eights = std::ranges::count(out, 8);
  expect_share(sevens + eights, 10000, 0.4);
  expect_share(sevens, sevens + eights, 0.5);
  EXPECT_EQ(std::ranges::count(out, 2), 2000);
}

TEST(TextNoise, BackTranslationKeepsWhatChanged) {
  const std::vector<std::string> texts = {"one", "two", "three"};
  const Translate there = [](std::span<const std::string> in) {
    std::vector<std::string> out;
    for (const std::string& text : in) out.push_back("<" + text);
    return out;
  };
  const Translate back = [](std::span<const std::string> in) {
    return std::vector<std::string>{in[0].substr(1), "2", ""};
  };
  const auto found = back_translate(texts, there, back);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].example, 1);
  EXPECT_EQ(found[0].text, "2");
  EXPECT_THROW(back_translate(texts, there, [](std::span<const std::string>) { return std::vector<std::string>{"x"}; }),
               InputError);
}

TEST(Smote, NewPointsLieBetweenNeighbours) {
  const std::vector<float> features = {0, 0, 1, 0, 10, 10, 11, 10};  // two pairs, far apart
  const auto points = smote(features, 2, 1, 4000, {.seed = 2});
  ASSERT_EQ(points.size(), 8000u);
  int64_t first = 0;
  double sum = 0;
  for (size_t i = 0; i < points.size(); i += 2) {
    const bool low = points[i + 1] == 0;
    EXPECT_TRUE(low || points[i + 1] == 10);
    const float x = points[i] - (low ? 0 : 10);
    EXPECT_TRUE(x >= 0 && x <= 1) << x;
    first += low;
    sum += x;
  }
  expect_share(first, 4000, 0.5);
  EXPECT_NEAR(sum / 4000, 0.5, 5 * std::sqrt(1.0 / 12 / 4000));
  EXPECT_EQ(smote(std::vector<float>{3, 4}, 2, 5, 2, {}), (std::vector<float>{3, 4, 3, 4}));
  EXPECT_THROW(smote(features, 3, 1, 1, {}), InputError);
}

Image ramp(int32_t height, int32_t width) {
  Image image = {height, width, 1, {}};
  for (int32_t i = 0; i < height * width; ++i) image.pixels.push_back(static_cast<uint8_t>(10 + i));
  return image;
}

TEST(ImageChanges, FlipAndQuarterTurns) {
  const Image image = ramp(3, 3);  // 10 11 12 / 13 14 15 / 16 17 18
  EXPECT_EQ(flip(image).pixels, (std::vector<uint8_t>{12, 11, 10, 15, 14, 13, 18, 17, 16}));
  EXPECT_EQ(flip(flip(image)), image);
  EXPECT_EQ(rotate(image, 0), image);
  EXPECT_EQ(rotate(image, 90).pixels, (std::vector<uint8_t>{12, 15, 18, 11, 14, 17, 10, 13, 16}));
  EXPECT_EQ(rotate(rotate(image, 90), -90), image);
  EXPECT_GT(rotate(ramp(5, 5), 45, 200).at(0, 0, 0), 150) << "corners come from outside";
}

TEST(ImageChanges, CropsReachEveryPlace) {
  const Image image = ramp(2, 2);
  std::set<std::vector<uint8_t>> seen;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    RandomStream random({.seed = seed});
    seen.insert(crop_with_padding(image, 1, 0, random).pixels);
  }
  EXPECT_EQ(seen.size(), 9u);
  EXPECT_TRUE(seen.contains({10, 11, 12, 13}));
  EXPECT_TRUE(seen.contains({0, 0, 0, 10}));
  EXPECT_TRUE(seen.contains({13, 0, 0, 0}));
}

TEST(ImageChanges, CutoutNoiseAndMixup) {
  RandomStream random({.seed = 3});
  const Image image = {40, 40, 3, std::vector<uint8_t>(4800, 100)};
  const auto holes = std::ranges::count(cutout(image, 8, 0, random).pixels, 0);
  EXPECT_TRUE(holes > 0 && holes <= 8 * 8 * 3 && holes % 3 == 0) << holes;
  const Image noisy = add_noise(image, 10, random);
  double sum = 0, squares = 0;
  for (uint8_t value : noisy.pixels) sum += value - 100, squares += (value - 100.0) * (value - 100.0);
  EXPECT_NEAR(sum / 4800, 0, 5 * 10 / std::sqrt(4800));
  EXPECT_NEAR(squares / 4800, 100 + 1.0 / 12, 5 * 100 * std::sqrt(2.0 / 4800));
  const Image mixed = mix(image, {40, 40, 3, std::vector<uint8_t>(4800, 200)}, 0.25);
  EXPECT_TRUE(std::ranges::all_of(mixed.pixels, [](uint8_t value) { return value == 175; }));
  EXPECT_THROW(mix(image, ramp(2, 2), 0.5), InputError);
}

TEST(ImageChanges, MixupSharesAreBeta) {
  RandomStream random({.seed = 3});
  for (double alpha : {0.2, 1.0, 2.0}) {
    double sum = 0, squares = 0;
    for (int i = 0; i < 20000; ++i) {
      const double share = mixup_share(alpha, random);
      sum += share;
      squares += (share - 0.5) * (share - 0.5);
    }
    const double variance = 1 / (4 * (2 * alpha + 1));
    EXPECT_NEAR(sum / 20000, 0.5, 5 * std::sqrt(variance / 20000));
    EXPECT_NEAR(squares / 20000, variance, 0.05 * variance);
  }
  EXPECT_THROW(mixup_share(0, random), InputError);
}

}  // namespace
}  // namespace heddle::data
