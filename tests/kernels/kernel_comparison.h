#pragma once
// How a fast kernel is held against the textbook one: the same numbers in f32 and f64, at every
// SIMD level of this processor, over widths around the vector lengths.
//
// Errors as the design defines them: of a tensor max|a-b| / max|b|, of a gradient ‖a-b‖ / ‖b‖.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "heddle/base/error.h"
#include "heddle/base/random.h"
#include "heddle/kernels/dropout.h"
#include "heddle/kernels/simd.h"

namespace heddle::kernels {

using Doubles = std::vector<double>;
using Floats = std::vector<float>;

// Widths of 4, 8 and 16 lanes, one less and one more, and beyond one piece of dropout factors
// (1024).
inline constexpr int64_t kWidths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 1030};

// Normal numbers that f32 holds exactly, so that both precisions read the same.
inline Doubles random_values(RandomStream& random, int64_t count, double scale = 1, double offset = 0) {
  Doubles values(static_cast<size_t>(count));
  for (double& value : values) value = static_cast<double>(static_cast<float>(offset + scale * random.normal()));
  return values;
}

inline Floats narrow(const Doubles& values) { return Floats(values.begin(), values.end()); }

template <class T>
Doubles widen(const std::vector<T>& values) {
  return Doubles(values.begin(), values.end());
}

inline constexpr double kWrong = 1e9;  // of numbers that are not finite where the others are

// max|a-b| / max|b|; numbers that are not finite must be the same.
template <class T>
double tensor_error(const std::vector<T>& a, const Doubles& b) {
  if (a.size() != b.size()) return kWrong;
  double difference = 0, largest = 0;
  for (size_t i = 0; i < b.size(); ++i) {
    const auto value = static_cast<double>(a[i]);
    if (std::isnan(b[i]) ? std::isnan(value) : value == b[i]) {
      if (std::isfinite(b[i])) largest = std::max(largest, std::abs(b[i]));
      continue;
    }
    if (!std::isfinite(value) || !std::isfinite(b[i])) return kWrong;
    difference = std::max(difference, std::abs(value - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return difference == 0 ? 0 : difference / largest;
}

// ‖a-b‖ / ‖b‖. `least` is what counts as the smallest norm: where terms of size 1 cancel to
// nothing, their rounding is all that is left.
template <class T>
double gradient_error(const std::vector<T>& a, const Doubles& b, double least = 0) {
  if (a.size() != b.size()) return kWrong;
  double difference = 0, norm = 0;
  for (size_t i = 0; i < b.size(); ++i) {
    const double d = static_cast<double>(a[i]) - b[i];
    if (!std::isfinite(d)) return kWrong;
    difference += d * d;
    norm += b[i] * b[i];
  }
  return difference == 0 ? 0 : std::sqrt(difference) / std::max(std::sqrt(norm), least);
}

// Central differences of `loss` with respect to every element of `values`.
template <class Loss>
Doubles finite_differences(Doubles& values, Loss&& loss, double step = 1e-5) {
  Doubles gradient;
  for (double& value : values) {
    const double old = value;
    value = old + step;
    const double up = loss();
    value = old - step;
    const double down = loss();
    value = old;
    gradient.push_back((up - down) / (2 * step));
  }
  return gradient;
}

inline double dot(const Doubles& a, const Doubles& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// body(level) at every level that this processor has, then back to the best.
template <class Body>
void at_every_simd_level(Body&& body) {
  const std::string best = simd_level();
  for (const std::string level : {"SSE4", "AVX2", "AVX3"}) {
    try {
      set_simd_level(level);
    } catch (const InputError&) {
      continue;  // not on this processor
    }
    SCOPED_TRACE(level);
    body();
  }
  set_simd_level(best);
}

// A dropout rule with the arrays it points to: rows of several examples at different positions.
struct DropoutRows {
  std::vector<int64_t> example;
  std::vector<int32_t> position;
  double probability;

  DropoutRows(RandomStream& random, int64_t rows, double p) : probability(p) {
    for (int64_t r = 0; r < rows; ++r) {
      example.push_back(static_cast<int64_t>(random.next64() >> 20));
      position.push_back(static_cast<int32_t>(random.below(5000)));
    }
  }
  Dropout rule(uint64_t key = 1234567890123456789u) const {
    if (probability == 0) return {};
    return {key, drop_threshold(probability), static_cast<float>(1 / (1 - probability)), example.data(),
            position.data()};
  }
};

}  // namespace heddle::kernels
