#include "heddle/kernels/matmul.h"

#include <cpuid.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"
#include "heddle/kernels/cpu/onednn.h"
#include "heddle/kernels/narrow.h"
#include "heddle/kernels/operation_count.h"
#include "heddle/kernels/reference/matmul.h"
#include "heddle/kernels/row_pieces.h"

namespace heddle::kernels {
namespace {

using type = dnnl::memory::data_type;

void single_product(const MatmulShape& s, const float* a, const float* b, float* c) {
  thread_count();  // OpenMP's count is set before oneDNN asks for it
  const dnnl_status_t status = dnnl_sgemm(s.transpose_a ? 'T' : 'N', s.transpose_b ? 'T' : 'N', s.m, s.n, s.k, 1.0f, a,
                                          s.lda, b, s.ldb, s.accumulate ? 1.0f : 0.0f, c, s.ldc);
  HEDDLE_CHECK(status == dnnl_success, "oneDNN refused a product {}x{}x{} (status {})", s.m, s.n, s.k,
               static_cast<int>(status));
}

// A bfloat16 product needs a primitive for its shape.
class Bf16Products {
 public:
  void run(const MatmulShape& s, const bf16* a, const bf16* b, float* c) {
    Product& product = made_.find({s, thread_count()}, make);
    product.a.set_data_handle(const_cast<bf16*>(a));
    product.b.set_data_handle(const_cast<bf16*>(b));
    product.c.set_data_handle(c);
    product.primitive.execute(stream_,
                              {{DNNL_ARG_SRC, product.a}, {DNNL_ARG_WEIGHTS, product.b}, {DNNL_ARG_DST, product.c}});
    stream_.wait();
  }

 private:
  struct Key {
    MatmulShape shape;
    int threads = 0;
    bool operator==(const Key&) const = default;
  };
  struct Product {
    dnnl::matmul primitive;
    dnnl::memory a, b, c;
  };
  static Product make(const Key& key) {
    const MatmulShape& s = key.shape;
    const auto a = matrix_layout(s.m, s.k, s.transpose_a, s.lda, type::bf16);
    const auto b = matrix_layout(s.k, s.n, s.transpose_b, s.ldb, type::bf16);
    const auto c = matrix_layout(s.m, s.n, false, s.ldc, type::f32);
    dnnl::primitive_attr attributes;
    if (s.accumulate) {
      dnnl::post_ops add;
      add.append_sum(1.0f);
      attributes.set_post_ops(add);
    }
    dnnl::engine& engine = onednn_engine();
    return {dnnl::matmul({{a, b, c}, attributes, engine}),
            {a, engine, nullptr},
            {b, engine, nullptr},
            {c, engine, nullptr}};
  }

  LastUsed<Key, Product, 512> made_;
  dnnl::stream stream_{onednn_engine()};
};

// oneDNN has products of bfloat16 for processors with AVX-512 alone.
bool onednn_takes_bf16() {
  static const bool takes = [] {
    const auto needed = static_cast<int>(dnnl::cpu_isa::avx512_core);
    return (static_cast<int>(dnnl::get_effective_cpu_isa()) & needed) == needed;
  }();
  return takes;
}

// On others both operands are widened, which is exact; the memory stays with the thread.
class WidenedProducts {
 public:
  void run(const MatmulShape& s, const bf16* a, const bf16* b, float* c) {
    MatmulShape dense = s;
    dense.lda = s.transpose_a ? s.m : s.k;
    dense.ldb = s.transpose_b ? s.k : s.n;
    widen_rows(s.transpose_a ? s.k : s.m, dense.lda, s.lda, a, a_);
    widen_rows(s.transpose_b ? s.n : s.k, dense.ldb, s.ldb, b, b_);
    single_product(dense, a_.data(), b_.data(), c);
  }

 private:
  static void widen_rows(int64_t rows, int64_t width, int64_t stride, const bf16* from, std::vector<float>& to) {
    if (std::ssize(to) < rows * width) to.resize(static_cast<size_t>(rows * width));
    parallel_for(rows, row_grain(width), [&](int64_t begin, int64_t end, int) {
      for (int64_t r = begin; r < end; ++r) widen(width, from + r * stride, to.data() + r * width);
    });
  }
  std::vector<float> a_, b_;
};

// oneDNN refuses empty operands; a sum of nothing is zero.
bool is_empty(const MatmulShape& s) { return s.m == 0 || s.n == 0 || s.k == 0; }

void count(const MatmulShape& s) { count_operations(Operation::matrix_product, 2 * s.m * s.n * s.k); }

void finish_empty(const MatmulShape& s, float* c) {
  for (int64_t i = 0; i < s.m && !s.accumulate; ++i) std::fill_n(c + i * s.ldc, s.n, 0.0f);
}

}  // namespace

void matmul(const MatmulShape& s, const float* a, const float* b, float* c) {
  if (is_empty(s)) return finish_empty(s, c);
  count(s);
  single_product(s, a, b, c);
}

void matmul(const MatmulShape& s, const double* a, const double* b, double* c) {
  count(s);
  reference::matmul(s, a, b, c);
}

void matmul(const MatmulShape& s, const bf16* a, const bf16* b, float* c) {
  if (is_empty(s)) return finish_empty(s, c);
  count(s);
  if (!onednn_takes_bf16()) {
    static thread_local WidenedProducts widened;
    return widened.run(s, a, b, c);
  }
  static thread_local std::unique_ptr<Bf16Products> products;
  if (!products) products = std::make_unique<Bf16Products>();
  products->run(s, a, b, c);
}

std::string product_library() {
  const dnnl_version_t* version = dnnl_version();
  return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
}

bool bf16_is_fast() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__builtin_cpu_supports("avx512bw") || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  const bool amx = d >> 22 & 1u;
  return amx || (__get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 5 & 1u));
#else
  return false;
#endif
}

}  // namespace heddle::kernels
