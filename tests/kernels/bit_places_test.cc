// The list of set bits is that of looking at each.

#include "heddle/kernels/bit_places.h"

#include <vector>

#include "heddle/base/random.h"
#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

TEST(BitPlaces, AreThoseOfTheBitsThatAreSet) {
  RandomStream random(RandomKey{.seed = 5});
  std::vector<uint64_t> words = {0, ~uint64_t{0}, 1, uint64_t{1} << 63};
  for (int i = 0; i < 500; ++i) words.push_back(random.next64() & (i % 2 == 0 ? random.next64() : ~uint64_t{0}));
  constexpr uint32_t kFirst = 1000;
  std::vector<uint32_t> expected;
  for (size_t i = 0; i < words.size(); ++i)
    for (uint32_t bit = 0; bit < 64; ++bit)
      if (words[i] >> bit & 1) expected.push_back(kFirst + static_cast<uint32_t>(64 * i) + bit);
  at_every_simd_level([&] {
    const size_t count = count_bits(words.data(), words.size());
    ASSERT_EQ(count, expected.size());
    constexpr uint32_t kUntouched = 7;
    std::vector<uint32_t> places(count + kMostPlacesAtOnce + 1, kUntouched);
    write_bit_places(words.data(), words.size(), kFirst, places.data());
    EXPECT_EQ(places.back(), kUntouched);
    places.resize(count);
    EXPECT_EQ(places, expected);
  });
}

}  // namespace
}  // namespace heddle::kernels
