#include "heddle/kernels/strided_product.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "heddle/base/thread_loop.h"

namespace heddle::kernels {
namespace {

using Loops = std::vector<StridedLoop>;

// Neighbouring loops that walk all three arrays like one become one.
void join_loops(Loops& loops) {
  std::erase_if(loops, [](const StridedLoop& loop) { return loop.size == 1; });
  for (size_t outer = 0; outer < loops.size(); ++outer)
    for (size_t inner = 0; inner < loops.size(); ++inner) {
      const StridedLoop &o = loops[outer], &i = loops[inner];
      if (outer == inner || o.a != i.a * i.size || o.b != i.b * i.size || o.y != i.y * i.size) continue;
      loops[inner].size *= o.size;
      loops.erase(loops.begin() + static_cast<int64_t>(outer));
      return join_loops(loops);
    }
}

// Large strides outermost, and innermost the loop that touches most arrays element after element.
void order_loops(Loops& loops) {
  const auto stride = [](const StridedLoop& l) { return std::max({std::abs(l.a), std::abs(l.b), std::abs(l.y)}); };
  std::ranges::stable_sort(loops, std::greater{}, stride);
  const auto unit = [](const StridedLoop& l) {
    if (l.size < 4) return 0;  // too short to be worth it
    return (l.y == 1) + (l.y <= 1 && l.y >= 0) + (l.a == 1) + (l.b == 1);
  };
  const auto best = std::ranges::max_element(loops, {}, unit);
  if (best != loops.end()) std::rotate(best, best + 1, loops.end());
}

template <class T>
struct Arrays {
  const T* a;
  const T* b;
  T* y;
  void move(const StridedLoop& loop, int64_t steps) {
    a += loop.a * steps;
    if (b) b += loop.b * steps;
    y += loop.y * steps;
  }
};

// Σ f(i) for i < count in 16 sums side by side, which the compiler can hold in registers.
template <class T, class F>
T sum_of(int64_t count, F&& f) {
  T sums[16] = {};
  int64_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (int64_t lane = 0; lane < 16; ++lane) sums[lane] += f(i + lane);
  for (; i < count; ++i) sums[i % 16] += f(i);
  for (int width = 8; width >= 1; width /= 2)
    for (int lane = 0; lane < width; ++lane) sums[lane] += sums[lane + width];
  return sums[0];
}

template <bool kAdd, class T, class F>
void each(const StridedLoop& loop, T* y, F&& f) {
  const auto put = [](T& place, T value) { place = kAdd ? place + value : value; };
  if (loop.y == 0) return put(*y, sum_of<T>(loop.size, f));
  if (loop.y == 1)
    for (int64_t i = 0; i < loop.size; ++i) put(y[i], f(i));
  else
    for (int64_t i = 0; i < loop.size; ++i) put(y[i * loop.y], f(i));
}

template <bool kAdd, class T>
void innermost(const StridedLoop& loop, const Arrays<T>& at) {
  const T* a = at.a;
  const T* b = at.b;
  if (!b) {
    if (loop.a == 1) return each<kAdd>(loop, at.y, [=](int64_t i) { return a[i]; });
    return each<kAdd>(loop, at.y, [=, stride = loop.a](int64_t i) { return a[i * stride]; });
  }
  if (loop.a == 1 && loop.b == 1) return each<kAdd>(loop, at.y, [=](int64_t i) { return a[i] * b[i]; });
  if (loop.a == 1 && loop.b == 0) return each<kAdd>(loop, at.y, [=, f = *b](int64_t i) { return a[i] * f; });
  if (loop.a == 0 && loop.b == 1) return each<kAdd>(loop, at.y, [=, f = *a](int64_t i) { return f * b[i]; });
  each<kAdd>(loop, at.y, [=, sa = loop.a, sb = loop.b](int64_t i) { return a[i * sa] * b[i * sb]; });
}

template <bool kAdd, class T>
void nest(std::span<const StridedLoop> loops, Arrays<T> at) {
  if (loops.empty()) return innermost<kAdd>(StridedLoop{}, at);
  if (loops.size() == 1) return innermost<kAdd>(loops[0], at);
  for (int64_t i = 0; i < loops[0].size; ++i, at.move(loops[0], 1)) nest<kAdd>(loops.subspan(1), at);
}

// The whole nest, cut along the longest loop that is not summed over.
template <bool kAdd, class T>
void run(const Loops& loops, const Arrays<T>& at) {
  int64_t all = 1;
  for (const StridedLoop& loop : loops) all *= loop.size;
  const auto longest = std::ranges::max_element(loops, {}, [](const StridedLoop& l) { return l.y ? l.size : 0; });
  if (longest == loops.end() || longest->y == 0) return nest<kAdd>(std::span(loops), at);
  const auto cut = static_cast<size_t>(longest - loops.begin());
  const int64_t grain = std::max<int64_t>(1, (1 << 15) / (all / longest->size));
  if (longest->size <= grain) return nest<kAdd>(std::span(loops), at);
  parallel_for(longest->size, grain, [&](int64_t begin, int64_t end, int) {
    Loops part = loops;
    part[cut].size = end - begin;
    Arrays<T> from = at;
    from.move(loops[cut], begin);
    nest<kAdd>(std::span(part), from);
  });
}

template <class T>
void fill_with_zeros(const Loops& loops, T* y) {
  static constexpr T kZero = 0;
  Loops results;
  for (const StridedLoop& loop : loops)
    if (loop.y != 0) results.push_back({loop.size, 0, 0, loop.y});
  run<false>(results, Arrays<T>{&kZero, nullptr, y});
}

template <class T>
void product(std::span<const StridedLoop> given, const T* a, const T* b, T* y, bool accumulate) {
  Loops loops(given.begin(), given.end());
  if (std::ranges::any_of(loops, [](const StridedLoop& loop) { return loop.size == 0 && loop.y != 0; })) return;
  const bool nothing = std::ranges::any_of(loops, [](const StridedLoop& loop) { return loop.size == 0; });
  join_loops(loops);
  order_loops(loops);
  // Only the innermost loop may be summed over in registers; other sums add to what is in y.
  const bool adds = std::any_of(loops.begin(), loops.empty() ? loops.end() : loops.end() - 1,
                                [](const StridedLoop& loop) { return loop.y == 0; });
  if (!accumulate && (adds || nothing)) fill_with_zeros(loops, y);
  if (nothing) return;
  if (accumulate || adds) run<true>(loops, Arrays<T>{a, b, y});
  else run<false>(loops, Arrays<T>{a, b, y});
}

}  // namespace

void strided_product(std::span<const StridedLoop> loops, const float* a, const float* b, float* y, bool accumulate) {
  product(loops, a, b, y, accumulate);
}

void strided_product(std::span<const StridedLoop> loops, const double* a, const double* b, double* y, bool accumulate) {
  product(loops, a, b, y, accumulate);
}

}  // namespace heddle::kernels
