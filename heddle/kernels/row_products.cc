#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heddle/kernels/row_products.cc"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>

#include "heddle/kernels/row_products.h"

HWY_BEFORE_NAMESPACE();
namespace heddle::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// body(tag, first column) by vectors, then by vectors of four, then by single numbers: what is narrower than a vector
// is common among heads, and no number behind a row's end is touched.
template <class Body>
HWY_INLINE void over_columns(size_t width, Body&& body) {
  const hn::ScalableTag<float> whole;
  const hn::CappedTag<float, 4> four;
  const hn::CappedTag<float, 1> single;
  size_t c = 0;
  for (; c + hn::Lanes(whole) <= width; c += hn::Lanes(whole)) body(whole, c);
  for (; c + hn::Lanes(four) <= width; c += hn::Lanes(four)) body(four, c);
  for (; c < width; ++c) body(single, c);
}

using Four = hn::CappedTag<float, 4>;

// The upper halves of a vector on the lower ones, until four numbers are left.
template <class D, class V>
HWY_INLINE hn::Vec<Four> folded([[maybe_unused]] D d, V v) {
  if constexpr (hn::MaxLanes(D()) <= 4) {
    return v;
  } else {
    const hn::Half<D> half;
    return folded(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

// [a0 + a1, a2 + a3, b0 + b1, b2 + b3]
HWY_INLINE hn::Vec<Four> sums_of_pairs(hn::Vec<Four> a, hn::Vec<Four> b) {
  const Four d;
  return hn::Add(hn::ConcatEven(d, b, a), hn::ConcatOdd(d, b, a));
}

// Four rows' products with one, of the columns up to the last whole four, whose number `columns` is.
HWY_INLINE hn::Vec<Four> four_products(const float* row, const float* const* rows, size_t columns) {
  const hn::ScalableTag<float> whole;
  const Four four;
  auto a = hn::Zero(whole), b = a, c = a, d = a;
  size_t at = 0;
  for (; at + hn::Lanes(whole) <= columns; at += hn::Lanes(whole)) {
    const auto part = hn::LoadU(whole, row + at);
    a = hn::MulAdd(part, hn::LoadU(whole, rows[0] + at), a);
    b = hn::MulAdd(part, hn::LoadU(whole, rows[1] + at), b);
    c = hn::MulAdd(part, hn::LoadU(whole, rows[2] + at), c);
    d = hn::MulAdd(part, hn::LoadU(whole, rows[3] + at), d);
  }
  auto four_a = folded(whole, a), four_b = folded(whole, b), four_c = folded(whole, c), four_d = folded(whole, d);
  for (; at < columns; at += 4) {
    const auto part = hn::LoadU(four, row + at);
    four_a = hn::MulAdd(part, hn::LoadU(four, rows[0] + at), four_a);
    four_b = hn::MulAdd(part, hn::LoadU(four, rows[1] + at), four_b);
    four_c = hn::MulAdd(part, hn::LoadU(four, rows[2] + at), four_c);
    four_d = hn::MulAdd(part, hn::LoadU(four, rows[3] + at), four_d);
  }
  return sums_of_pairs(sums_of_pairs(four_a, four_b), sums_of_pairs(four_c, four_d));
}

void RowProducts(const float* row, size_t width, const float* const* rows, size_t count, float scale, float* products) {
  const Four d;
  const size_t whole = width / 4 * 4;
  for (size_t i = 0; i < count; i += 4) {
    const size_t there = std::min<size_t>(4, count - i);
    const float* each[4];
    for (size_t k = 0; k < 4; ++k) each[k] = rows[i + std::min(k, there - 1)];
    auto sums = four_products(row, each, whole);
    if (whole < width) {
      float rest[4] = {};
      for (size_t k = 0; k < 4; ++k)
        for (size_t c = whole; c < width; ++c) rest[k] += row[c] * each[k][c];
      sums = hn::Add(sums, hn::LoadU(d, rest));
    }
    sums = hn::Mul(sums, hn::Set(d, scale));
    float four[4];  // BlendedStore may write what is not its own at the oldest level
    hn::StoreU(sums, d, there == 4 ? products + i : four);
    if (there < 4) std::copy_n(four, there, products + i);
  }
}

void AddWeightedRows(const float* weights, const float* const* rows, size_t count, float* row, size_t width) {
  over_columns(width, [&](auto d, size_t c) HWY_ATTR {
    // Two sums, so that each addition need not wait for the one before.
    auto even = hn::LoadU(d, row + c), odd = hn::Zero(d);
    size_t i = 0;
    for (; i + 2 <= count; i += 2) {
      even = hn::MulAdd(hn::Set(d, weights[i]), hn::LoadU(d, rows[i] + c), even);
      odd = hn::MulAdd(hn::Set(d, weights[i + 1]), hn::LoadU(d, rows[i + 1] + c), odd);
    }
    if (i < count) even = hn::MulAdd(hn::Set(d, weights[i]), hn::LoadU(d, rows[i] + c), even);
    hn::StoreU(hn::Add(even, odd), d, row + c);
  });
}

void AddToRows(const float* weights, const float* row, size_t width, float* const* rows, size_t count) {
  over_columns(width, [&](auto d, size_t c) HWY_ATTR {
    const auto from = hn::LoadU(d, row + c);
    for (size_t i = 0; i < count; ++i)
      hn::StoreU(hn::MulAdd(hn::Set(d, weights[i]), from, hn::LoadU(d, rows[i] + c)), d, rows[i] + c);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace heddle::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "heddle/kernels/dot.h"

namespace heddle::kernels {
HWY_EXPORT(RowProducts);
HWY_EXPORT(AddWeightedRows);
HWY_EXPORT(AddToRows);

void row_products(std::span<const float> row, std::span<const float* const> rows, float scale, float* products) {
  HWY_DYNAMIC_DISPATCH(RowProducts)(row.data(), row.size(), rows.data(), rows.size(), scale, products);
}
void row_products(std::span<const double> row, std::span<const double* const> rows, double scale, double* products) {
  for (const double* each : rows) *products++ = scale * dot(row.data(), each, std::ssize(row));
}

void add_weighted_rows(const float* weights, std::span<const float* const> rows, std::span<float> row) {
  HWY_DYNAMIC_DISPATCH(AddWeightedRows)(weights, rows.data(), rows.size(), row.data(), row.size());
}
void add_weighted_rows(const double* weights, std::span<const double* const> rows, std::span<double> row) {
  for (const double* each : rows) {
    for (size_t c = 0; c < row.size(); ++c) row[c] += *weights * each[c];
    ++weights;
  }
}

void add_to_rows(const float* weights, std::span<const float> row, std::span<float* const> rows) {
  HWY_DYNAMIC_DISPATCH(AddToRows)(weights, row.data(), row.size(), rows.data(), rows.size());
}
void add_to_rows(const double* weights, std::span<const double> row, std::span<double* const> rows) {
  for (double* each : rows) {
    for (size_t c = 0; c < row.size(); ++c) each[c] += *weights * row[c];
    ++weights;
  }
}

}  // namespace heddle::kernels
#endif
