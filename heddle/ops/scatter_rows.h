#pragma once
// to[rows[i]] = from[i]: new keys and values go to their places in a cache. For inference, not recorded.

#include <span>

#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// from [n, width], to [capacity, width], n row numbers < capacity.
void scatter_rows(const Tensor& from, std::span<const int32_t> rows, const Tensor& to);

}  // namespace heddle::ops
