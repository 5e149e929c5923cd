#include "heddle/kernels/batched_matmul.h"

#include "heddle/base/thread_loop.h"
#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

// One product after another, each where the strides say.
template <class T>
std::vector<T> one_by_one(const MatmulShape& shape, std::span<const BatchLoop> batch, const std::vector<T>& a,
                          const std::vector<T>& b, std::vector<T> c) {
  for (int64_t i = 0; i < batch[0].size; ++i)
    for (int64_t j = 0; j < batch[1].size; ++j)
      matmul(shape, a.data() + i * batch[0].a + j * batch[1].a, b.data() + i * batch[0].b + j * batch[1].b,
             c.data() + i * batch[0].c + j * batch[1].c);
  return c;
}

template <class T>
void compare() {
  RandomStream random({31, 0, 0, 0});
  for (const int64_t n : {1, 2, 9}) {
    // Heads beside one another in a row of width 3·k: [2, m, 3·k] and [2, n, 3·k] → [2, 3, m, n].
    const int64_t m = 5, k = 4;
    const MatmulShape shape = {
        .m = m, .n = n, .k = k, .transpose_b = true, .lda = 3 * k, .ldb = 3 * k, .ldc = n, .accumulate = true};
    const std::vector<BatchLoop> batch = {{2, m * 3 * k, n * 3 * k, 3 * m * n}, {3, k, k, m * n}};
    const auto filled = [&](int64_t count) {
      const Doubles values = random_values(random, count, 1);
      return std::vector<T>(values.begin(), values.end());
    };
    const auto a = filled(2 * m * 3 * k), b = filled(2 * n * 3 * k), c = filled(6 * m * n);
    auto got = c;
    batched_matmul(shape, batch, a.data(), b.data(), got.data());
    const auto expected = one_by_one(shape, batch, a, b, c);
    EXPECT_LE(tensor_error(Doubles(got.begin(), got.end()), Doubles(expected.begin(), expected.end())), 1e-6);
  }
}

TEST(BatchedMatmul, IsOneProductAfterAnother) {
  const int before = thread_count();
  for (const int threads : {1, 2}) {
    set_thread_count(threads);
    compare<float>();
    compare<double>();
  }
  set_thread_count(before);
}

}  // namespace
}  // namespace heddle::kernels
