#include "heddle/ops/einsum/contraction.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "heddle/kernels/batched_matmul.h"
#include "heddle/kernels/strided_product.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/workspace.h"

namespace heddle::ops {
namespace {

using Group = std::vector<int>;  // indices, outermost first

// Below this many multiply-adds a product is not worth a call of the matrix kernel.
constexpr int64_t kSmallProduct = 256;

template <class Body>
void for_each_index(IndexSet set, Body&& body) {
  for (; set != 0; set &= set - 1) body(std::countr_zero(set));
}

// Sizes, and groups of indices that walk a value like one dimension.
struct Layout {
  const Sizes& sizes;

  int64_t size(int index) const { return sizes[static_cast<size_t>(index)]; }
  int64_t count(const Group& group) const {
    int64_t product = 1;
    for (const int index : group) product *= size(index);
    return product;
  }
  int64_t count(IndexSet set) const {
    int64_t product = 1;
    for_each_index(set, [&](int index) { product *= size(index); });
    return product;
  }
  // The larger stride of `view` first; indices of size 1 are left out, for they never move.
  Group sorted(IndexSet set, const EinsumView& view) const {
    Group group;
    for_each_index(set, [&](int index) {
      if (size(index) != 1) group.push_back(index);
    });
    std::ranges::stable_sort(group, std::greater{},
                             [&](int index) { return view.strides[static_cast<size_t>(index)]; });
    return group;
  }
  // The stride of the group as one dimension, if it is one in this value; 0 for an empty group.
  std::optional<int64_t> stride(const Group& group, const EinsumView& view) const {
    for (size_t i = 1; i < group.size(); ++i)
      if (view.strides[static_cast<size_t>(group[i - 1])] !=
          view.strides[static_cast<size_t>(group[i])] * size(group[i]))
        return std::nullopt;
    return group.empty() ? 0 : view.strides[static_cast<size_t>(group.back())];
  }
};

// A matrix in memory: row-major or its transpose.
struct Matrix {
  bool transposed = false;
  int64_t leading = 1;
};

std::optional<Matrix> matrix_of(const Layout& layout, const Group& rows, const Group& columns, const EinsumView& view) {
  const auto of_row = layout.stride(rows, view), of_column = layout.stride(columns, view);
  if (!of_row || !of_column) return std::nullopt;
  const int64_t m = layout.count(rows), n = layout.count(columns);
  if ((n == 1 || *of_column == 1) && (m == 1 || *of_row >= n)) return Matrix{false, m == 1 ? n : *of_row};
  if ((m == 1 || *of_row == 1) && (n == 1 || *of_column >= m)) return Matrix{true, n == 1 ? m : *of_column};
  return std::nullopt;
}

EinsumView dense_view(const Layout& layout, const Group& order, DType dtype) {
  return {new_tensor({layout.count(order)}, dtype), order, layout.sizes};
}

Group joined(Group first, const Group& second, const Group& third) {
  first.insert(first.end(), second.begin(), second.end());
  first.insert(first.end(), third.begin(), third.end());
  return first;
}

void by_elements(const Sizes& sizes, const EinsumView& a, const EinsumView* b, const EinsumView& y, bool accumulate) {
  std::vector<kernels::StridedLoop> loops;
  for_each_index(a.indices | y.indices | (b ? b->indices : 0), [&](int index) {
    const auto i = static_cast<size_t>(index);
    loops.push_back({sizes[i], a.strides[i], b ? b->strides[i] : 0, y.strides[i]});
  });
  with_real_type(y.tensor.dtype(), [&]<class T>(T) {
    kernels::strided_product(loops, a.tensor.strided_data<T>(), b ? b->tensor.strided_data<T>() : nullptr,
                             y.tensor.strided_data<T>(), accumulate);
  });
}

// Which index plays which part; empty sets for `strange` ones: a matrix product.
struct Parts {
  IndexSet batch, left, right, inner, strange;
  Parts(IndexSet a, IndexSet b, IndexSet y)
      : batch(a & b & y),
        left(a & ~b & y),
        right(b & ~a & y),
        inner(a & b & ~y),
        strange((a | b | y) & ~(batch | left | right | inner)) {}
};

// The order of a group in which both values that have it are one dimension, if that can be; else that of the larger
// one, so that the smaller is copied.
Group order_for(const Layout& layout, IndexSet set, const EinsumView& first, const EinsumView& second) {
  Group order = layout.sorted(set, first);
  const bool smaller = layout.count(first.indices) <= layout.count(second.indices);
  if (!layout.stride(order, first) || (!layout.stride(order, second) && smaller)) order = layout.sorted(set, second);
  return order;
}

void by_matrices(const Sizes& sizes, const EinsumView& a, const EinsumView& b, const EinsumView& y, bool accumulate) {
  const Layout layout{sizes};
  const Parts parts(a.indices, b.indices, y.indices);
  const Group batch = layout.sorted(parts.batch, y), left = order_for(layout, parts.left, a, y),
              right = order_for(layout, parts.right, b, y), inner = order_for(layout, parts.inner, a, b);
  const DType dtype = y.tensor.dtype();
  // The value itself where it can be read as a matrix, else a copy.
  const auto readable = [&](const EinsumView& value, const Group& rows, const Group& columns) {
    if (matrix_of(layout, rows, columns, value)) return value;
    EinsumView copy = dense_view(layout, joined(batch, rows, columns), dtype);
    by_elements(sizes, value, nullptr, copy, false);
    return copy;
  };
  const EinsumView from_a = readable(a, left, inner), from_b = readable(b, inner, right);
  const bool in_place = matrix_of(layout, left, right, y).has_value();
  const EinsumView into = in_place ? y : dense_view(layout, joined(batch, left, right), dtype);

  const Matrix of_a = *matrix_of(layout, left, inner, from_a), of_b = *matrix_of(layout, inner, right, from_b),
               of_y = *matrix_of(layout, left, right, into);
  std::vector<kernels::BatchLoop> loops;
  for (const int index : batch) {
    const auto i = static_cast<size_t>(index);
    loops.push_back({sizes[i], from_a.strides[i], from_b.strides[i], into.strides[i]});
  }
  kernels::MatmulShape shape = {.m = layout.count(left),
                                .n = layout.count(right),
                                .k = layout.count(inner),
                                .transpose_a = of_a.transposed,
                                .transpose_b = of_b.transposed,
                                .lda = of_a.leading,
                                .ldb = of_b.leading,
                                .ldc = of_y.leading,
                                .accumulate = accumulate && in_place};
  if (of_y.transposed) {  // yᵀ = bᵀ·aᵀ
    std::swap(shape.m, shape.n);
    std::swap(shape.lda, shape.ldb);
    shape.transpose_a = !of_b.transposed;
    shape.transpose_b = !of_a.transposed;
    for (kernels::BatchLoop& loop : loops) std::swap(loop.a, loop.b);
  }
  const EinsumView &first = of_y.transposed ? from_b : from_a, &second = of_y.transposed ? from_a : from_b;
  with_real_type(dtype, [&]<class T>(T) {
    kernels::batched_matmul(shape, loops, first.tensor.strided_data<T>(), second.tensor.strided_data<T>(),
                            into.tensor.strided_data<T>());
  });
  if (!in_place) by_elements(sizes, into, nullptr, y, accumulate);
}

}  // namespace

EinsumView::EinsumView(const Tensor& value, const std::vector<int>& dimensions, const Sizes& sizes)
    : tensor(value), strides(sizes.size()) {
  const bool as_it_is = value.shape().rank() == static_cast<int>(dimensions.size());
  HEDDLE_CHECK(as_it_is || value.dense(), "a strided tensor {} was read as one of {} dimensions", value.shape().text(),
               dimensions.size());
  int64_t stride = 1;
  for (size_t d = dimensions.size(); d-- > 0;) {
    const int index = dimensions[d];
    if (index >= 0) {
      strides[static_cast<size_t>(index)] += stride;
      indices |= IndexSet{1} << index;
    }
    const bool last = d + 1 == dimensions.size();
    if (as_it_is && last) stride = value.row_stride();
    else stride *= index >= 0 ? sizes[static_cast<size_t>(index)] : 1;
  }
}

void contract(const Sizes& sizes, const EinsumView& a, const EinsumView* b, const EinsumView& y, bool accumulate) {
  if (!b) return by_elements(sizes, a, b, y, accumulate);
  const Layout layout{sizes};
  const Parts parts(a.indices, b->indices, y.indices);
  const int64_t m = layout.count(parts.left), n = layout.count(parts.right), k = layout.count(parts.inner);
  const bool is_product = parts.strange == 0 && layout.count(a.indices | b->indices) > 0;
  if (is_product && std::max(m, n) > 1 && k > 1 && m * n * k >= kSmallProduct)
    return by_matrices(sizes, a, *b, y, accumulate);
  by_elements(sizes, a, b, y, accumulate);
}

}  // namespace heddle::ops
