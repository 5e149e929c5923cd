#pragma once
// a·b of two rows.

#include <cstdint>

namespace heddle::kernels {

// Summed in as many lanes as a vector has: in order they would not become one.
template <class T>
T dot(const T* a, const T* b, int64_t count) {
  constexpr int64_t kLanes = 16;
  T sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  T sum = 0;
  for (; i < count; ++i) sum += a[i] * b[i];
  for (const T lane : sums) sum += lane;
  return sum;
}

}  // namespace heddle::kernels
