#include "heddle/ops/product.h"

#include "heddle/ops/accumulate.h"
#include "heddle/ops/narrow.h"
#include "heddle/ops/scatter_rows.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

// op(A)·op(B) element by element.
Doubles triple_loop(const Tensor& a, const Tensor& b, Transposed t, const Doubles& start) {
  const auto at = [](const Tensor& m, int64_t r, int64_t c) {
    return m.strided_data<double>()[r * m.row_stride() + c];
  };
  const int64_t m = t == Transposed::a ? a.width() : a.rows(), k = t == Transposed::a ? a.rows() : a.width();
  const int64_t n = t == Transposed::b ? b.rows() : b.width();
  Doubles c = start;
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t x = 0; x < k; ++x)
        c[static_cast<size_t>(i * n + j)] +=
            (t == Transposed::a ? at(a, x, i) : at(a, i, x)) * (t == Transposed::b ? at(b, j, x) : at(b, x, j));
  return c;
}

// A matrix that is all of its memory, or some columns of a wider one.
Tensor random_matrix(RandomStream& random, int64_t rows, int64_t width) {
  if (random.below(2)) return random_tensor(random, {rows, width});
  return random_tensor(random, {rows, width + 5}).column_range(2, width + 2);
}

// The same matrix in f32, with the same strides.
Tensor narrow_view(const Tensor& t) {
  if (t.dense()) return converted(t, DType::f32);
  const Tensor wide = Tensor::zeros({t.rows(), t.width() + 5}, DType::f32);
  const Tensor view = wide.column_range(2, t.width() + 2);
  copy_into(t, view);
  return view;
}

TEST(Product, EveryTransposePrecisionAndStride) {
  RandomStream random({41, 0, 0, 0});
  for (int round = 0; round < 100; ++round) {
    const int64_t sizes[] = {0, 1, 2, 7, 16, 33};
    const int64_t m = sizes[random.below(6)], n = sizes[random.below(6)], k = sizes[random.below(6)];
    const Transposed ways[] = {Transposed::none, Transposed::a, Transposed::b};
    const Transposed t = ways[random.below(3)];
    const Tensor a = t == Transposed::a ? random_matrix(random, k, m) : random_matrix(random, m, k);
    const Tensor b = t == Transposed::b ? random_matrix(random, n, k) : random_matrix(random, k, n);
    const Tensor start = random_tensor(random, {m, n});
    const Doubles expected = triple_loop(a, b, t, Doubles(static_cast<size_t>(m * n)));
    const Doubles added = triple_loop(a, b, t, numbers(start));
    SCOPED_TRACE(fmt::format("{}x{}x{} way {}", m, n, k, int(t)));
    EXPECT_LE(tensor_error(numbers(product(a, b, t, Compute::f32)), expected), 1e-12);
    const Tensor fa = narrow_view(a), fb = narrow_view(b);
    for (const Compute compute : {Compute::f32, Compute::bf16}) {
      const double tolerance = compute == Compute::f32 ? 1e-5 : 2e-2;
      EXPECT_LE(tensor_error(numbers(product(fa, fb, t, compute)), expected), tolerance);
      const Tensor c = converted(start, DType::f32);
      product_into(fa, fb, t, compute, c, true);
      EXPECT_LE(tensor_error(numbers(c), added), tolerance);
    }
  }
}

TEST(Product, MatricesThatDoNotFitAreRefused) {
  RandomStream random({42, 0, 0, 0});
  const Tensor a = random_tensor(random, {2, 3}), b = random_tensor(random, {4, 5});
  EXPECT_THROW(product(a, b, Transposed::none, Compute::f32), Error);
  EXPECT_THROW(product_into(a, random_tensor(random, {3, 4}), Transposed::none, Compute::f32,
                            random_tensor(random, {2, 5}), false),
               Error);
}

TEST(Narrowed, EveryNumberIsTheNearestBfloat16) {
  RandomStream random({43, 0, 0, 0});
  for (const int64_t rows : {0, 1, 9})
    for (const int64_t width : {1, 8, 33}) {
      const Tensor from = narrow_view(random_matrix(random, rows, width));
      const Tensor narrow = narrowed(from);
      ASSERT_TRUE(narrow.dense());
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < width; ++c)
          EXPECT_EQ(narrow.data<bf16>()[r * width + c].bits,
                    bf16(from.strided_data<float>()[r * from.row_stride() + c]).bits);
    }
}

TEST(Accumulate, AddsEveryElement) {
  RandomStream random({44, 0, 0, 0});
  for (const DType dtype : {DType::f32, DType::f64})
    for (const int64_t count : {0, 1, 17, 70000}) {
      const Tensor from = random_tensor(random, {count}), into = random_tensor(random, {count});
      Doubles expected = numbers(into);
      for (int64_t i = 0; i < count; ++i) expected[static_cast<size_t>(i)] += from.data<double>()[i];
      const Tensor sum = converted(into, dtype);
      accumulate(converted(from, dtype), sum);
      EXPECT_LE(tensor_error(numbers(sum), expected), dtype == DType::f64 ? 1e-15 : 1e-6) << count;
    }
  EXPECT_THROW(accumulate(Tensor::zeros({2}, DType::f32), Tensor::zeros({3}, DType::f32)), Error);
  EXPECT_THROW(accumulate(Tensor::zeros({2}, DType::f32), Tensor::zeros({2}, DType::f64)), Error);
}

TEST(ScatterRows, PutsEachRowInItsPlaceAndLeavesTheOthers) {
  RandomStream random({45, 0, 0, 0});
  for (const DType dtype : {DType::f64, DType::f32, DType::bf16}) {
    const Tensor from = converted(random_tensor(random, {3, 5}), dtype);
    const Tensor wide = converted(random_tensor(random, {6, 9}), dtype), to = wide.column_range(2, 7);
    Doubles expected = numbers(wide);
    const std::vector<int32_t> rows = {4, 0, 5};
    for (size_t i = 0; i < 3; ++i)
      for (size_t c = 0; c < 5; ++c) expected[static_cast<size_t>(rows[i]) * 9 + 2 + c] = numbers(from)[i * 5 + c];
    scatter_rows(from, rows, to);
    EXPECT_EQ(numbers(wide), expected);
    scatter_rows(from.row_range(0, 0), {}, to);
    EXPECT_EQ(numbers(wide), expected);
    const std::vector<int32_t> outside = {0, 6, 1}, negative = {0, -1, 1}, few = {0, 1};
    EXPECT_THROW(scatter_rows(from, outside, to), Error);
    EXPECT_THROW(scatter_rows(from, negative, to), Error);
    EXPECT_THROW(scatter_rows(from, few, to), Error);
  }
}

}  // namespace
}  // namespace heddle::ops
