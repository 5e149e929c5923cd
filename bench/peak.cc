// The most that matrix products reach on this machine: the best of three large shapes, random operands, in each
// precision. Prints one JSON object; bench/run.py takes shares of it.

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "heddle/base/clock.h"
#include "heddle/base/random.h"
#include "heddle/kernels/matmul.h"

namespace heddle {
namespace {

// GFLOP/s of one shape, the best of several rounds.
template <class T>
double rate(int64_t m, int64_t n, int64_t k) {
  RandomStream random({1, 0, 0, 0});
  std::vector<T> a(static_cast<size_t>(m * k)), b(static_cast<size_t>(k * n));
  std::vector<float> c(static_cast<size_t>(m * n));
  for (auto* operand : {&a, &b})
    for (T& x : *operand) x = T(static_cast<float>(random.normal()));
  double best = 0;
  for (int round = 0; round < 6; ++round) {
    const double began = steady_seconds();
    kernels::matmul({.m = m, .n = n, .k = k, .lda = k, .ldb = n, .ldc = n}, a.data(), b.data(), c.data());
    best = std::max(best, 2e-9 * static_cast<double>(m * n * k) / (steady_seconds() - began));
  }
  return best;
}

template <class T>
double peak() {
  double best = 0;
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{2048, 2048, 2048}, {4096, 1024, 1024}, {4096, 2048, 512}})
    best = std::max(best, rate<T>(m, n, k));
  return best;
}

}  // namespace
}  // namespace heddle

int main() {
  using namespace heddle;
  fmt::print("{{\"f32_gflops\": {:.1f}, \"bf16_gflops\": {:.1f}, \"library\": \"{}\"}}\n", peak<float>(), peak<bf16>(),
             kernels::product_library());
}
