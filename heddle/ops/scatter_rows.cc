#include "heddle/ops/scatter_rows.h"

#include <cstring>

namespace heddle::ops {

void scatter_rows(const Tensor& from, std::span<const int32_t> rows, const Tensor& to) {
  HEDDLE_CHECK(from.rows() == std::ssize(rows) && from.width() == to.width() && from.dtype() == to.dtype(),
               "cannot put rows {} into a cache {}", from.shape().text(), to.shape().text());
  const auto size = size_of(from.dtype());
  const auto* source = static_cast<const char*>(from.raw());
  auto* target = static_cast<char*>(to.raw());
  for (int64_t i = 0; i < from.rows(); ++i) {
    const int64_t row = rows[static_cast<size_t>(i)];
    HEDDLE_CHECK(row >= 0 && row < to.rows(), "row {} of a cache of {} rows", row, to.rows());
    std::memcpy(target + row * to.row_stride() * size, source + i * from.row_stride() * size,
                static_cast<size_t>(from.width() * size));
  }
}

}  // namespace heddle::ops
