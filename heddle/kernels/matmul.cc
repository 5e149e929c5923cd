#include "heddle/kernels/matmul.h"

#include <dnnl.hpp>

#include <algorithm>
#include <array>
#include <cpuid.h>
#include <memory>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"
#include "heddle/kernels/reference/matmul.h"

namespace heddle::kernels {
namespace {

dnnl::engine& engine() {
  static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::memory::desc layout(int64_t rows, int64_t columns, bool transposed, int64_t leading,
                          dnnl::memory::data_type type) {
  return {{rows, columns}, type, transposed ? dnnl::memory::dims{1, leading} : dnnl::memory::dims{leading, 1}};
}

// bfloat16 products need a primitive each; those of the last shapes are kept, found by a scan.
class Bf16Products {
 public:
  void run(const MatmulShape& s, const bf16* a, const bf16* b, float* c) {
    Entry& entry = find(s);
    entry.a.set_data_handle(const_cast<bf16*>(a));
    entry.b.set_data_handle(const_cast<bf16*>(b));
    entry.c.set_data_handle(c);
    entry.product.execute(stream_, {{DNNL_ARG_SRC, entry.a}, {DNNL_ARG_WEIGHTS, entry.b}, {DNNL_ARG_DST, entry.c}});
    stream_.wait();
  }

 private:
  struct Entry {
    MatmulShape shape;
    int threads = 0;
    uint64_t last_use = 0;
    dnnl::matmul product;
    dnnl::memory a, b, c;
  };
  static bool same(const MatmulShape& x, const MatmulShape& y) {
    return x.m == y.m && x.n == y.n && x.k == y.k && x.transpose_a == y.transpose_a &&
           x.transpose_b == y.transpose_b && x.lda == y.lda && x.ldb == y.ldb && x.ldc == y.ldc &&
           x.accumulate == y.accumulate;
  }
  Entry& find(const MatmulShape& s) {
    Entry* oldest = &entries_[0];
    for (Entry& entry : entries_) {
      if (entry.threads == thread_count() && same(entry.shape, s)) {
        entry.last_use = ++clock_;
        return entry;
      }
      if (entry.last_use < oldest->last_use) oldest = &entry;
    }
    create(*oldest, s);
    oldest->last_use = ++clock_;
    return *oldest;
  }
  void create(Entry& entry, const MatmulShape& s) {
    using type = dnnl::memory::data_type;
    const auto a = layout(s.m, s.k, s.transpose_a, s.lda, type::bf16);
    const auto b = layout(s.k, s.n, s.transpose_b, s.ldb, type::bf16);
    const auto c = layout(s.m, s.n, false, s.ldc, type::f32);
    dnnl::primitive_attr attributes;
    if (s.accumulate) {
      dnnl::post_ops add;
      add.append_sum(1.0f);
      attributes.set_post_ops(add);
    }
    entry.shape = s;
    entry.threads = thread_count();
    entry.product = dnnl::matmul({{a, b, c}, attributes, engine()});
    entry.a = dnnl::memory(a, engine(), nullptr);
    entry.b = dnnl::memory(b, engine(), nullptr);
    entry.c = dnnl::memory(c, engine(), nullptr);
  }

  std::array<Entry, 512> entries_;
  uint64_t clock_ = 0;
  dnnl::stream stream_{engine()};
};

// oneDNN refuses empty operands; a sum of nothing is zero.
bool is_empty(const MatmulShape& s) { return s.m == 0 || s.n == 0 || s.k == 0; }

void finish_empty(const MatmulShape& s, float* c) {
  for (int64_t i = 0; i < s.m && !s.accumulate; ++i) std::fill_n(c + i * s.ldc, s.n, 0.0f);
}

}  // namespace

void matmul(const MatmulShape& s, const float* a, const float* b, float* c) {
  if (is_empty(s)) return finish_empty(s, c);
  thread_count();  // OpenMP's count is set before oneDNN asks for it
  const dnnl_status_t status =
      dnnl_sgemm(s.transpose_a ? 'T' : 'N', s.transpose_b ? 'T' : 'N', s.m, s.n, s.k, 1.0f, a, s.lda, b,
                 s.ldb, s.accumulate ? 1.0f : 0.0f, c, s.ldc);
  HEDDLE_CHECK(status == dnnl_success, "oneDNN refused a product {}x{}x{} (status {})", s.m, s.n, s.k,
               static_cast<int>(status));
}

void matmul(const MatmulShape& s, const double* a, const double* b, double* c) {
  reference::matmul(s, a, b, c);
}

void matmul(const MatmulShape& s, const bf16* a, const bf16* b, float* c) {
  if (is_empty(s)) return finish_empty(s, c);
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
