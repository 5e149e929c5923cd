// The most that matrix products reach on this machine: the best of three large shapes, random operands.
// Prints one JSON object; bench/run.py takes shares of it.

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "heddle/base/clock.h"
#include "heddle/base/random.h"
#include "heddle/kernels/matmul.h"

int main() {
  using namespace heddle;
  double best = 0;
  RandomStream random({1, 0, 0, 0});
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{2048, 2048, 2048}, {4096, 1024, 1024}, {4096, 2048, 512}}) {
    std::vector<float> a(static_cast<size_t>(m * k)), b(static_cast<size_t>(k * n)), c(static_cast<size_t>(m * n));
    for (auto* operand : {&a, &b})
      for (float& x : *operand) x = static_cast<float>(random.normal());
    for (int round = 0; round < 6; ++round) {
      const double began = steady_seconds();
      kernels::matmul({.m = m, .n = n, .k = k, .lda = k, .ldb = n, .ldc = n}, a.data(), b.data(), c.data());
      best = std::max(best, 2e-9 * static_cast<double>(m * n * k) / (steady_seconds() - began));
    }
  }
  fmt::print("{{\"f32_gflops\": {:.1f}, \"library\": \"{}\"}}\n", best, kernels::product_library());
}
