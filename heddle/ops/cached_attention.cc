#include "heddle/ops/cached_attention.h"

#include <algorithm>

#include "heddle/ops/attention_scratch.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/key_source.h"

namespace heddle::ops {
namespace {

constexpr size_t kMostCachedSources = CachedKeys::kMostRuns + 1;

// The sources of a call, a run of positions each and what stands beside them, with the arrays they point to.
template <class T>
class CachedSources {
 public:
  CachedSources(const CachedKeys& cache, int64_t keys_width, const Rows& rows, const AttentionOptions& options) {
    const auto sequences = std::ssize(cache.length);
    zeros_ = new_zeros({sequences}, DType::i32);
    const kernels::KeyRange whole = {0, 0};
    const bool in_runs = !cache.runs.empty();
    int64_t before = 0;
    for (const kernels::KeyRange& run : in_runs ? cache.runs : std::span(&whole, 1)) {
      kernels::KeySource<T>& source = sources_[count_];
      source.keys = cache.rows.strided_data<T>();
      source.values = source.keys + (cache.values_are_keys ? 0 : keys_width);
      source.key_stride = source.value_stride = cache.rows.row_stride();
      source.begin = zeros_.span<int32_t>();
      source.length = in_runs ? filled(count_, 0, sequences, run.end - run.begin) : cache.length;
      source.block_table = cache.table;
      source.block_begin = cache.table_begin;
      if (before > 0) {
        const auto begin = filled(count_, 1, sequences, before);
        for (size_t s = 0; s < begin.size(); ++s) begin[s] += cache.table_begin[s];
        source.block_begin = begin;
      }
      if (run.begin > 0) source.key_start = filled(count_, 2, sequences, run.begin);
      source.query_start = rows.position;
      source.mask = options.mask;
      source.head_masks = options.head_masks;
      before += run.end - run.begin;
      ++count_;
    }
    own_ = static_cast<int64_t>(count_);
    if (cache.beside) enter_beside(*cache.beside);
  }

  std::span<const kernels::KeySource<T>> list() const { return std::span(sources_).first(count_); }
  int64_t own() const { return own_; }

 private:
  std::span<int32_t> filled(size_t source, size_t which, int64_t count, int64_t value) {
    Tensor& memory = memory_[3 * source + which];
    memory = new_tensor({count}, DType::i32);
    std::ranges::fill(memory.span<int32_t>(), static_cast<int32_t>(value));
    return memory.span<int32_t>();
  }
  void enter_beside(const KeysAndValues& beside) {
    kernels::KeySource<T>& source = sources_[count_];
    source = key_source_of<T>(beside);
    const auto length = filled(count_, 0, beside.rows.sequences(), 0);
    note_lengths(beside.rows, length);
    source.length = length;
    ++count_;
  }

  std::array<kernels::KeySource<T>, kMostCachedSources> sources_;
  std::array<Tensor, 3 * kMostCachedSources> memory_;
  Tensor zeros_;
  size_t count_ = 0;
  int64_t own_ = 0;
};

}  // namespace

Tensor cached_attention(const Tensor& q, const CachedKeys& cache, const Rows& rows, const AttentionOptions& options) {
  HEDDLE_CHECK(!options.dropout.active(), "attention over a cache has no dropout: it is not trained through");
  HEDDLE_CHECK(cache.runs.size() <= CachedKeys::kMostRuns, "{} runs of positions in a cache; at most {} may be",
               cache.runs.size(), CachedKeys::kMostRuns);
  HEDDLE_CHECK(options.term.kind != PositionTerm::Kind::context || cache.runs.empty(),
               "positions by context count all keys, of which a cache in runs has forgotten some");
  check_head_masks(options);
  const int64_t key_heads = options.of_keys(), key_width = q.width() / options.heads;
  const int64_t value_width =
      cache.values_are_keys ? key_width : (cache.rows.width() - key_heads * key_width) / key_heads;
  const AttentionResult result = {new_tensor({q.rows(), value_width * options.heads}, q.dtype()),
                                  new_tensor({q.rows(), options.heads}, DType::f64), new_counts(options, q.rows())};
  with_real_type(q.dtype(), [&]<class T>(T) {
    const CachedSources<T> sources(cache, key_heads * key_width, rows, options);
    KernelTerm<T> term(options, key_width, sources.own(), nullptr);
    term.meet(options, sources.list().data(), nullptr, nullptr);
    term.count(options, rows, rows.position, result.counts, false, nullptr);
    kernels::AttentionPlan<T> plan;
    plan.query_heads = options.heads;
    plan.key_heads = static_cast<int>(key_heads);
    plan.key_width = key_width;
    plan.value_width = value_width;
    plan.scale = static_cast<T>(options.scale);
    plan.probe = probe_for<T>(options.probe);
    plan.terms = term.list();
    with_sink<T>(options, plan, result, [&] {
      kernels::attention(plan, {q.strided_data<T>(), q.row_stride(), rows.offsets}, sources.list(),
                         result.out.data<T>(), result.out.width(), result.log_sum.data<double>(), attention_scratch());
    });
  });
  return result.out;
}

}  // namespace heddle::ops
