#pragma once
// Vectors of a position term's table as the columns of a matrix, which queries meet in one product.

#include <vector>

#include "heddle/kernels/attention_tile_size.h"

namespace heddle::kernels {

// columns [width, padded(count)] of `count` vectors, `stride` apart. A product of padded columns from any of them on
// reads into the next row, for results that nobody uses; behind the last row there are zeros for it.
template <class T>
void put_in_columns(const T* vectors, int64_t stride, int64_t count, int64_t width, std::vector<T>& columns) {
  const int64_t pitch = padded(count);
  columns.assign(static_cast<size_t>(width * pitch + padded(1)), 0);
  for (int64_t i = 0; i < count; ++i)
    for (int64_t c = 0; c < width; ++c) columns[static_cast<size_t>(c * pitch + i)] = vectors[i * stride + c];
}

}  // namespace heddle::kernels
