#include "heddle/kernels/mask.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "heddle/base/random.h"

namespace heddle::kernels {
namespace {

template <class Rule>
void expect_rule(const Mask& mask, Rule&& rule) {
  for (int64_t q = 0; q < 20; ++q)
    for (int64_t k = 0; k < 20; ++k) EXPECT_EQ(mask.allowed(q, k), rule(q, k)) << q << ", " << k;
}

TEST(Mask, EachKindIsItsDefinition) {
  expect_rule(Mask(), [](int64_t, int64_t) { return true; });
  expect_rule(Mask::full(), [](int64_t, int64_t) { return true; });
  expect_rule(Mask::causal(), [](int64_t q, int64_t k) { return k <= q; });
  expect_rule(Mask::window(3), [](int64_t q, int64_t k) { return std::abs(q - k) < 3; });
  expect_rule(Mask::dilated(4), [](int64_t q, int64_t k) { return (q - k) % 4 == 0; });
  expect_rule(Mask::prefix(6), [](int64_t, int64_t k) { return k < 6; });
  expect_rule(Mask::block(5), [](int64_t q, int64_t k) { return q / 5 == k / 5; });
  expect_rule(Mask::diagonal(), [](int64_t q, int64_t k) { return q == k; });
}

TEST(Mask, OperatorsAreLogic) {
  const Mask a = Mask::causal(), b = Mask::window(4), c = Mask::dilated(3);
  expect_rule(a & b, [&](int64_t q, int64_t k) { return a.allowed(q, k) && b.allowed(q, k); });
  expect_rule(a | b, [&](int64_t q, int64_t k) { return a.allowed(q, k) || b.allowed(q, k); });
  expect_rule(~a, [&](int64_t q, int64_t k) { return !a.allowed(q, k); });
  expect_rule(~(a & b), [&](int64_t q, int64_t k) { return (~a | ~b).allowed(q, k); });
  expect_rule(a & (b | c), [&](int64_t q, int64_t k) { return ((a & b) | (a & c)).allowed(q, k); });
  expect_rule(~~c, [&](int64_t q, int64_t k) { return c.allowed(q, k); });
}

// Random formulas of random parts: whatever the verdict decides is true of every element.
TEST(Mask, VerdictsOfRandomFormulasAreTrue) {
  RandomStream random({71, 0, 0, 0});
  const auto part = [&]() -> Mask {
    const auto size = static_cast<int64_t>(1 + random.below(9));
    switch (random.below(7)) {
      case 0: return Mask::full();
      case 1: return Mask::causal();
      case 2: return Mask::window(size);
      case 3: return Mask::dilated(size);
      case 4: return Mask::prefix(size);
      case 5: return Mask::block(size);
      default: return Mask::diagonal();
    }
  };
  int decided = 0;
  for (int round = 0; round < 4000; ++round) {
    Mask mask = part();
    for (uint64_t more = random.below(4); more > 0; --more) {
      mask = random.below(2) ? mask & part() : part() | mask;
      if (random.below(3) == 0) mask = ~mask;
    }
    const auto q0 = static_cast<int64_t>(random.below(20)), k0 = static_cast<int64_t>(random.below(20));
    const int64_t q1 = q0 + 1 + static_cast<int64_t>(random.below(6)),
                  k1 = k0 + 1 + static_cast<int64_t>(random.below(6));
    int64_t allowed = 0;
    for (int64_t q = q0; q < q1; ++q)
      for (int64_t k = k0; k < k1; ++k) allowed += mask.allowed(q, k);
    const Mask::Verdict verdict = mask.verdict(q0, q1, k0, k1);
    decided += verdict != Mask::Verdict::mixed;
    if (verdict == Mask::Verdict::mixed) continue;
    ASSERT_EQ(allowed, verdict == Mask::Verdict::all ? (q1 - q0) * (k1 - k0) : 0);
  }
  EXPECT_GT(decided, 1500) << "verdicts that are always 'mixed' skip nothing";
}

TEST(Mask, ImpossibleMasksAreRefused) {
  EXPECT_THROW(Mask::window(0), Error);
  EXPECT_THROW(Mask::dilated(0), Error);
  EXPECT_THROW(Mask::block(-1), Error);
  EXPECT_FALSE(Mask::prefix(0).allowed(0, 0)) << "an empty prefix shows nothing";
  Mask mask;
  EXPECT_THROW(for (int i = 0; i < 20; ++i) mask = mask & Mask::causal(), Error) << "a program has an end";
}

}  // namespace
}  // namespace heddle::kernels
