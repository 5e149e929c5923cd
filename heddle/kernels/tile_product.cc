#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/tile_product.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include "heddle/kernels/attention_tile_size.h"
#include "heddle/kernels/cpu/small_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {

void WholeVectors(const SmallProduct& product) { small_product(product); }

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <vector>

namespace heddle::kernels {
HWY_EXPORT(WholeVectors);
namespace {

constexpr int64_t kWhole = padded(1);

// Fewer columns than whole vectors have, by way of copies that have as many.
void narrow_product(const TileProduct<float>& p) {
  static thread_local std::vector<float> memory;
  memory.assign(static_cast<size_t>((p.k + p.m) * kWhole), 0);
  float *b = memory.data(), *c = b + p.k * kWhole;
  for (int64_t k = 0; k < p.k; ++k) std::copy_n(p.b + k * p.b_row, p.n, b + k * kWhole);
  HWY_DYNAMIC_DISPATCH(WholeVectors)({p.m, kWhole, p.k, p.a, p.a_row, p.a_column, b, kWhole, c, kWhole});
  for (int64_t i = 0; i < p.m; ++i)
    for (int64_t j = 0; j < p.n; ++j) {
      float& to = p.c[i * p.c_row + j];
      to = c[i * kWhole + j] + (p.accumulate ? to : 0);
    }
}

}  // namespace

void tile_product(const TileProduct<float>& product) {
  TileProduct<float> part = product;
  part.n = product.n / kWhole * kWhole;
  if (part.n > 0) HWY_DYNAMIC_DISPATCH(WholeVectors)(part);
  part.b += part.n;
  part.c += part.n;
  part.n = product.n - part.n;
  if (part.n > 0) narrow_product(part);
}

void tile_product(const TileProduct<double>& p) {
  for (int64_t i = 0; i < p.m; ++i) {
    double* c = p.c + i * p.c_row;
    if (!p.accumulate) std::fill_n(c, p.n, 0.0);
    for (int64_t k = 0; k < p.k; ++k) {
      const double a = p.a[i * p.a_row + k * p.a_column];
      for (int64_t j = 0; j < p.n; ++j) c[j] += a * p.b[k * p.b_row + j];
    }
  }
}

}  // namespace heddle::kernels
#endif
