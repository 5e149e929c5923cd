// Random nests against the definition, in both precisions, one thread and several.
#include "heddle/kernels/strided_product.h"

#include "heddle/base/thread_loop.h"
#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

struct Nest {
  std::vector<StridedLoop> loops;
  int64_t a = 1, b = 1, y = 1;  // elements of the arrays
};

// Dense arrays whose loops lie in random orders; some arrays miss some loops.
Nest random_nest(RandomStream& random, int64_t largest) {
  Nest nest;
  const auto loops = static_cast<size_t>(random.below(5));
  nest.loops.resize(loops);
  for (StridedLoop& loop : nest.loops)
    loop.size = random.below(20) == 0 ? 0 : 1 + static_cast<int64_t>(random.below(static_cast<uint64_t>(largest)));
  const auto lay_out = [&](int64_t StridedLoop::*stride, double share) {
    std::vector<size_t> order(loops);
    for (size_t i = 0; i < loops; ++i) order[i] = i;
    for (size_t i = loops; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    int64_t elements = 1;
    for (const size_t i : order)
      if (random.uniform() < share) {
        nest.loops[i].*stride = elements;
        elements *= std::max<int64_t>(1, nest.loops[i].size);
      }
    return elements;
  };
  nest.a = lay_out(&StridedLoop::a, 0.8);
  nest.b = lay_out(&StridedLoop::b, 0.8);
  nest.y = lay_out(&StridedLoop::y, 0.7);
  return nest;
}

void define(std::span<const StridedLoop> loops, const double* a, const double* b, double* y) {
  if (loops.empty()) {
    *y += *a * (b ? *b : 1.0);
    return;
  }
  for (int64_t i = 0; i < loops[0].size; ++i)
    define(loops.subspan(1), a + i * loops[0].a, b ? b + i * loops[0].b : nullptr, y + i * loops[0].y);
}

// The elements of y that the nest reaches, as it leaves them; the others must stay.
void compare(const Nest& nest, RandomStream& random, bool with_b, bool accumulate) {
  const Doubles a = random_values(random, nest.a, 1), b = random_values(random, nest.b, 1),
                before = random_values(random, nest.y, 1);
  Doubles zero(a.size() + b.size() + 1), expected = before, got = before;
  if (!accumulate) {  // y = 0 wherever the loops that are not summed over lead
    std::vector<StridedLoop> reached;
    for (const StridedLoop& loop : nest.loops)
      if (loop.y != 0) reached.push_back({loop.size, 0, 0, loop.y});
    Doubles marks(before.size());
    const double one = 1;
    define(reached, &one, nullptr, marks.data());
    for (size_t i = 0; i < marks.size(); ++i)
      if (marks[i] != 0) expected[i] = 0;
  }
  define(nest.loops, a.data(), with_b ? b.data() : nullptr, expected.data());
  strided_product(nest.loops, a.data(), with_b ? b.data() : nullptr, got.data(), accumulate);
  EXPECT_LE(tensor_error(got, expected), 1e-13);
  const std::vector<float> a32(a.begin(), a.end()), b32(b.begin(), b.end());
  std::vector<float> y32(before.begin(), before.end());
  strided_product(nest.loops, a32.data(), with_b ? b32.data() : nullptr, y32.data(), accumulate);
  EXPECT_LE(tensor_error(Doubles(y32.begin(), y32.end()), expected), 1e-5);
}

TEST(StridedProduct, IsItsDefinition) {
  RandomStream random({21, 0, 0, 0});
  for (int round = 0; round < 400; ++round) {
    SCOPED_TRACE(round);
    compare(random_nest(random, 7), random, random.below(3) > 0, random.below(2));
  }
}

TEST(StridedProduct, IsItsDefinitionWhereThreadsShareIt) {
  const int before = thread_count();
  set_thread_count(3);
  RandomStream random({22, 0, 0, 0});
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE(round);
    compare(random_nest(random, 40), random, random.below(3) > 0, random.below(2));
  }
  const Nest pairs = {{{2, 70000, 0, 70000}, {70000, 1, 1, 1}}, 140000, 70000, 140000};
  compare(pairs, random, true, false);
  set_thread_count(before);
}

TEST(StridedProduct, ASumOfNothingIsZero) {
  const double a = 3;
  double y[2] = {7, 7};
  strided_product(std::vector<StridedLoop>{{2, 0, 0, 1}, {0, 1, 0, 0}}, &a, nullptr, y, false);
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[1], 0);
}

}  // namespace
}  // namespace heddle::kernels
