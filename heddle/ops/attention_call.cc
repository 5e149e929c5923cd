#include "heddle/ops/attention_call.h"

#include <algorithm>

#include "heddle/ops/attention_scratch.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/key_source.h"

namespace heddle::ops {
namespace {

constexpr size_t kMostSources = 2;
// Positions of a second source: apart from those of the first, so that dropout decides anew.
constexpr int32_t kBehind = 1 << 30;

// At which position each sequence begins: masks speak of positions.
void note_starts(const Rows& rows, std::span<int32_t> starts) {
  for (size_t s = 0; s < starts.size(); ++s) {
    const auto first = static_cast<size_t>(rows.offsets[s]);
    starts[s] = first < rows.position.size() ? rows.position[first] : 0;
  }
}

// Whether the documents of every sequence run upwards.
bool documents_ascend(const Rows& rows) {
  for (int64_t s = 0; s < rows.sequences(); ++s) {
    const auto begin = static_cast<size_t>(rows.offsets[static_cast<size_t>(s)]);
    const auto end = static_cast<size_t>(rows.offsets[static_cast<size_t>(s) + 1]);
    if (!std::ranges::is_sorted(rows.document.subspan(begin, end - begin))) return false;
  }
  return true;
}

// An array of one number per sequence, in the workspace, for the kernel.
std::span<int32_t> numbers_of(Tensor& memory, int64_t sequences) {
  memory = new_tensor({sequences}, DType::i32);
  return memory.span<int32_t>();
}

// The kernel's arguments, with the arrays they point to.
template <class T>
struct Call {
  Tensor examples;  // [sequences] i64, for dropout
  KernelTerm<T> term;
  kernels::AttentionPlan<T> plan;
  kernels::AttentionQueries<T> queries;
  std::array<kernels::KeySource<T>, kMostSources> sources;

  // `key_gradients`: null in a forward pass.
  Call(const Tensor& q, std::span<const KeysAndValues> keys, const Rows& query_rows, const AttentionOptions& options,
       const Tensor& counts, const TermGradients* term_gradients = nullptr,
       const kernels::KeyGradients<T>* key_gradients = nullptr)
      : term(options, q.width() / options.heads, 1, term_gradients) {
    const std::span<int32_t> query_start = numbers_of(query_starts_, query_rows.sequences());
    note_starts(query_rows, query_start);
    term.meet(options, sources.data(), key_gradients, term_gradients);
    term.count(options, query_rows, query_start, counts, key_gradients != nullptr, term_gradients);
    plan.query_heads = options.heads;
    plan.key_heads = options.of_keys();
    plan.key_width = q.width() / options.heads;
    plan.value_width = keys[0].value.width() / options.of_keys();
    plan.scale = static_cast<T>(options.scale);
    plan.probe = probe_for<T>(options.probe);
    if (options.dropout.active() || options.noise.active) be_random(query_rows, options);
    plan.terms = term.list();
    queries = {q.strided_data<T>(), q.row_stride(), query_rows.offsets};
    for (size_t i = 0; i < keys.size(); ++i) {
      enter_source(i, keys[i]);
      sources[i].query_start = query_start;
    }
    note_starts(keys[0].rows, key_starts_[0].span<int32_t>());
    enter_masks(query_rows, keys[0].rows, options);
  }

 private:
  void be_random(const Rows& query_rows, const AttentionOptions& options) {
    examples = new_tensor({query_rows.sequences()}, DType::i64);
    for (int64_t s = 0; s < query_rows.sequences(); ++s) {
      const auto first = static_cast<size_t>(query_rows.offsets[static_cast<size_t>(s)]);
      examples.data<int64_t>()[s] = first < query_rows.example.size() ? query_rows.example[first] : 0;
    }
    plan.dropout = options.dropout.rule(query_rows);
    plan.dropout.example = examples.data<int64_t>();
    if (options.noise.active) term.disturb({options.noise.key.key(), examples.data<int64_t>()});
  }
  void enter_source(size_t i, const KeysAndValues& of) {
    kernels::KeySource<T>& source = sources[i];
    source = key_source_of<T>(of);
    const std::span<int32_t> length = numbers_of(lengths_[i], of.rows.sequences()),
                             start = numbers_of(key_starts_[i], of.rows.sequences());
    note_lengths(of.rows, length);
    std::ranges::fill(start, kBehind);
    source.length = source.real_length = length;
    source.key_start = start;
  }
  void enter_masks(const Rows& query_rows, const Rows& key_rows, const AttentionOptions& options) {
    kernels::KeySource<T>& source = sources[0];
    source.mask = options.mask;
    source.head_masks = options.head_masks;
    if (query_rows.document.empty() || key_rows.document.empty()) return;
    source.query_document = query_rows.document;
    source.key_document = key_rows.document;
    source.documents_ascend = documents_ascend(query_rows) && documents_ascend(key_rows);
  }

  Tensor query_starts_;
  std::array<Tensor, kMostSources> lengths_, key_starts_;
};

// Every query sequence must have keys to read, even if there are none in them.
void check_sequences(const Rows& query_rows, const Rows& key_rows, std::span<const int32_t> of_query) {
  const int64_t reading = of_query.empty() ? key_rows.sequences() : std::ssize(of_query);
  HEDDLE_CHECK(reading >= query_rows.sequences(), "{} query sequences cannot read {} sequences of keys",
               query_rows.sequences(), reading);
  for (int32_t sequence : of_query)
    HEDDLE_CHECK(sequence >= 0 && sequence < key_rows.sequences(), "key sequence {} of {}", sequence,
                 key_rows.sequences());
}

void check_source(const Tensor& q, const KeysAndValues& source, const Rows& query_rows,
                  const AttentionOptions& options) {
  const int64_t heads = options.heads, key_heads = options.of_keys();
  HEDDLE_CHECK(heads % key_heads == 0 && q.width() % heads == 0 &&
                   source.key.width() == q.width() / heads * key_heads && source.value.width() % key_heads == 0,
               "{} heads of queries {} and {} of keys {} and values {} do not fit", heads, q.shape().text(), key_heads,
               source.key.shape().text(), source.value.shape().text());
  check_sequences(query_rows, source.rows, source.of_query);
}

}  // namespace

void check_head_masks(const AttentionOptions& options) {
  HEDDLE_CHECK(options.head_masks.empty() || std::ssize(options.head_masks) == options.heads,
               "{} masks for {} heads of queries; give one for each, or none", options.head_masks.size(),
               options.heads);
}

AttentionResult run_attention(const Tensor& q, std::span<const KeysAndValues> sources, const Rows& query_rows,
                              const AttentionOptions& options) {
  for (const KeysAndValues& source : sources) check_source(q, source, query_rows, options);
  check_head_masks(options);
  const int64_t out_width = sources[0].value.width() / options.of_keys() * options.heads;
  AttentionResult result = {new_tensor({q.rows(), out_width}, q.dtype()),
                            new_tensor({q.rows(), options.heads}, DType::f64), new_counts(options, q.rows())};
  with_real_type(q.dtype(), [&]<class T>(T) {
    Call<T> call(q, sources, query_rows, options, result.counts);
    with_sink<T>(options, call.plan, result, [&] {
      kernels::attention(call.plan, call.queries,
                         std::span<const kernels::KeySource<T>>(call.sources).first(sources.size()),
                         result.out.data<T>(), out_width, result.log_sum.data<double>(), attention_scratch());
    });
  });
  return result;
}

void run_attention_backward(const Tensor& q, std::span<const KeysAndValues> sources, const Rows& query_rows,
                            const AttentionOptions& options, const AttentionResult& made, const Tensor& dout,
                            const Tensor& dq, std::span<const KeysAndValues> gradients, const TermGradients* terms) {
  with_real_type(q.dtype(), [&]<class T>(T) {
    std::array<kernels::KeyGradients<T>, kMostSources> keys;
    for (size_t i = 0; i < sources.size(); ++i)
      keys[i] = {gradients[i].key.strided_data<T>(), gradients[i].value.strided_data<T>(),
                 gradients[i].key.row_stride(), gradients[i].value.row_stride()};
    Call<T> call(q, sources, query_rows, options, made.counts, terms, keys.data());
    kernels::AttentionGradients<T> to;
    to.out = made.out.data<T>();
    to.log_sum = made.log_sum.data<double>();
    to.dout = dout.strided_data<T>();
    to.out_stride = made.out.row_stride();
    to.dout_stride = dout.row_stride();
    to.dq = dq.strided_data<T>();
    to.dq_stride = dq.row_stride();
    to.sources = std::span<const kernels::KeyGradients<T>>(keys).first(sources.size());
    kernels::attention_backward(call.plan, call.queries,
                                std::span<const kernels::KeySource<T>>(call.sources).first(sources.size()), to,
                                attention_scratch());
  });
}

SavedResult save_result(Tape& tape, const AttentionResult& result) {
  return {tape.save(result.out), tape.save(result.log_sum, SaveHint::exact),
          result.counts.defined() ? tape.save(result.counts, SaveHint::exact) : Saved{}};
}

AttentionResult SavedResult::load() const {
  return {out.load(), log_sum.load(), counts.shape.rank() > 0 ? counts.load() : Tensor()};
}

AttentionOptions off_tape(AttentionOptions options) {
  options.term.table = stop_gradient(options.term.table);
  options.term.factor = stop_gradient(options.term.factor);
  options.term.shift = stop_gradient(options.term.shift);
  options.additive = stop_gradient(options.additive);
  options.span.logits = stop_gradient(options.span.logits);
  options.sink = stop_gradient(options.sink);
  return options;
}

}  // namespace heddle::ops
