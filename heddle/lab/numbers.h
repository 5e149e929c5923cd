#pragma once
// Tensors as plain numbers, and how far two lists of numbers lie apart.

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "heddle/base/error.h"
#include "heddle/tensor/tensor.h"

namespace heddle::lab {

// The elements of a tensor of any float format, row after row.
inline std::vector<double> numbers_of(const Tensor& tensor) {
  std::vector<double> numbers(static_cast<size_t>(tensor.count()));
  copy_into(tensor, Tensor::borrow(numbers.data(), tensor.shape(), DType::f64));
  return numbers;
}

// max |a - b|
inline double largest_difference(std::span<const double> a, std::span<const double> b) {
  HEDDLE_CHECK(a.size() == b.size(), "{} numbers cannot be compared with {}", a.size(), b.size());
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// ‖a - b‖ / ‖b‖
inline double relative_distance(std::span<const double> a, std::span<const double> b) {
  HEDDLE_CHECK(a.size() == b.size(), "{} numbers cannot be compared with {}", a.size(), b.size());
  double difference = 0, norm = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return std::sqrt(difference / norm);
}

// a·b / (‖a‖ ‖b‖)
inline double cosine(std::span<const double> a, std::span<const double> b) {
  HEDDLE_CHECK(a.size() == b.size(), "{} numbers cannot be compared with {}", a.size(), b.size());
  double product = 0, of_a = 0, of_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    product += a[i] * b[i];
    of_a += a[i] * a[i];
    of_b += b[i] * b[i];
  }
  return product / std::sqrt(of_a * of_b);
}

}  // namespace heddle::lab
