#include "heddle/kernels/packed_weight.h"

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"
#include "heddle/kernels/cpu/onednn.h"
#include "heddle/kernels/operation_count.h"

namespace heddle::kernels {
namespace {

using type = dnnl::memory::data_type;
using tag = dnnl::memory::format_tag;

dnnl::memory::desc dense(int64_t rows, int64_t columns) { return {{rows, columns}, type::f32, tag::ab}; }

struct ProductKey {
  int64_t rows = 0, n = 0, k = 0;
  int threads = 0;
  dnnl::memory::desc weight;
  bool operator==(const ProductKey& other) const {
    return rows == other.rows && n == other.n && k == other.k && threads == other.threads && weight == other.weight;
  }
};

// Primitives hold scratch memory of their own: every thread has its own store.
struct Products {
  LastUsed<ProductKey, dnnl::matmul, 256> made;
  dnnl::stream stream{onednn_engine()};
};

Products& products_of_this_thread() {
  static thread_local std::unique_ptr<Products> products;
  if (!products) products = std::make_unique<Products>();
  return *products;
}

}  // namespace

struct PackedWeight::Layout {
  dnnl::memory packed;
};

PackedWeight::PackedWeight(const float* weight, int64_t n, int64_t k, int64_t stride)
    : n_(n), k_(k), layout_(std::make_unique<Layout>()) {
  thread_count();  // OpenMP's count is set before oneDNN asks for it
  constexpr int64_t kTypicalRows = 64;
  const dnnl::memory::desc any({k, n}, type::f32, tag::any);
  const dnnl::matmul::primitive_desc best({dense(kTypicalRows, k), any, dense(kTypicalRows, n)}, onednn_engine());
  layout_->packed = dnnl::memory(best.weights_desc(), onednn_engine());
  dnnl::memory plain(matrix_layout(k, n, true, stride, type::f32), onednn_engine(), const_cast<float*>(weight));
  dnnl::stream stream(onednn_engine());
  dnnl::reorder(plain, layout_->packed).execute(stream, plain, layout_->packed);
  stream.wait();
}

PackedWeight::~PackedWeight() = default;

int64_t PackedWeight::bucket(int64_t m) {
  if (m <= 4) return m;
  if (m > kMostRows) return 0;
  const int64_t step = m <= 64 ? 8 : 32;
  return (m + step - 1) / step * step;
}

void PackedWeight::product(int64_t rows, const float* x, float* y) const {
  if (rows == 0) return;
  HEDDLE_CHECK(bucket(rows) == rows, "{} rows are no bucket", rows);
  count_operations(Operation::matrix_product, 2 * rows * n_ * k_);
  Products& products = products_of_this_thread();
  const ProductKey key = {rows, n_, k_, thread_count(), layout_->packed.get_desc()};
  const dnnl::matmul& product = products.made.find(key, [](const ProductKey& wanted) {
    return dnnl::matmul({{dense(wanted.rows, wanted.k), wanted.weight, dense(wanted.rows, wanted.n)}, onednn_engine()});
  });
  const dnnl::memory from(dense(rows, k_), onednn_engine(), const_cast<float*>(x)),
      to(dense(rows, n_), onednn_engine(), y);
  product.execute(products.stream, {{DNNL_ARG_SRC, from}, {DNNL_ARG_WEIGHTS, layout_->packed}, {DNNL_ARG_DST, to}});
  products.stream.wait();
}

}  // namespace heddle::kernels
