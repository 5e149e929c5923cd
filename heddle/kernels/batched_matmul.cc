#include "heddle/kernels/batched_matmul.h"

#include <algorithm>

#include "heddle/base/thread_loop.h"

namespace heddle::kernels {
namespace {

template <class T>
void product_of(const MatmulShape& shape, std::span<const BatchLoop> batch, int64_t number, const T* a, const T* b,
                T* c) {
  for (size_t i = batch.size(); i-- > 0;) {
    const int64_t here = number % batch[i].size;
    number /= batch[i].size;
    a += here * batch[i].a;
    b += here * batch[i].b;
    c += here * batch[i].c;
  }
  matmul(shape, a, b, c);
}

template <class T>
void products(const MatmulShape& shape, std::span<const BatchLoop> batch, const T* a, const T* b, T* c) {
  int64_t count = 1;
  for (const BatchLoop& loop : batch) count *= loop.size;
  const auto run = [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) product_of(shape, batch, i, a, b, c);
  };
  const int64_t work = std::max<int64_t>(1, shape.m * shape.n * shape.k);
  if (count < 2 * thread_count()) return run(0, count, 0);
  parallel_for(count, std::max<int64_t>(1, (1 << 16) / work), run);
}

}  // namespace

void batched_matmul(const MatmulShape& shape, std::span<const BatchLoop> batch, const float* a, const float* b,
                    float* c) {
  products(shape, batch, a, b, c);
}

void batched_matmul(const MatmulShape& shape, std::span<const BatchLoop> batch, const double* a, const double* b,
                    double* c) {
  products(shape, batch, a, b, c);
}

}  // namespace heddle::kernels
