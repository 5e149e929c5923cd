#pragma once
// From a tensor's dtype to the C++ type that the kernels are written for: f32 runs the fast kernels,
// f64 the reference ones.

#include <utility>

#include "heddle/base/error.h"
#include "heddle/tensor/dtype.h"

namespace heddle::ops {

template <class Body>
decltype(auto) with_real_type(DType dtype, Body&& body) {
  if (dtype == DType::f32) return std::forward<Body>(body)(float{});
  if (dtype == DType::f64) return std::forward<Body>(body)(double{});
  throw Error(fmt::format("operations compute in f32 or f64, not in {}", name_of(dtype)));
}

}  // namespace heddle::ops
