#pragma once
// A weight matrix in the layout that its product is fastest in, for inference.
//
//   y[m, n] = x[m, k]·W[n, k]ᵀ
//
// An ordinary product brings W into that layout at every call; for the few rows of a decoding step
// this costs more than the product. Row counts are rounded up to buckets, so that primitives are few.

#include <cstdint>
#include <memory>

namespace heddle::kernels {

class PackedWeight {
 public:
  // From rows `stride` elements apart; n, k > 0.
  PackedWeight(const float* weight, int64_t n, int64_t k, int64_t stride);
  ~PackedWeight();
  PackedWeight(const PackedWeight&) = delete;

  int64_t outputs() const { return n_; }
  int64_t inputs() const { return k_; }

  // The row count that m rows are worked on as, at least m; 0 above kMostRows, where an ordinary
  // product is as fast.
  static int64_t bucket(int64_t m);
  static constexpr int64_t kMostRows = 320;

  // x [rows, k] and y [rows, n], dense; `rows` is a bucket. Every row of y depends on its row of x alone.
  void product(int64_t rows, const float* x, float* y) const;

 private:
  struct Layout;
  int64_t n_, k_;
  std::unique_ptr<Layout> layout_;
};

}  // namespace heddle::kernels
