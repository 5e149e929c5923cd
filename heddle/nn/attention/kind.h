#pragma once
// How an attention makes its output of queries, keys and values: by a softmax over all keys, or by something that costs
// less.

#include <memory>

#include "heddle/nn/attention/projection.h"
#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/ops/cached_attention.h"

namespace heddle::nn::attentions {

// The recurrent form of a kind: all keys and values of a sequence as a state of one size, however many they are.
class Recurrence {
 public:
  virtual ~Recurrence() = default;
  virtual int64_t state_width() const = 0;
  // [sequences, state width] of whole sequences.
  virtual Tensor states(const Pass& pass, const Tensor& key, const Tensor& value, const Rows& rows) const = 0;
  // One token a row: its key and value join the state of its parent, a row of `past` (-1: nothing seen yet).
  virtual void advance(const Pass& pass, const Tensor& key, const Tensor& value, const Rows& rows, const Tensor& past,
                       std::span<const int32_t> parents, const Tensor& states) const = 0;
  // The queries of sequence s against state of_query[s] (empty: s).
  virtual Tensor read(const Pass& pass, const Tensor& query, const Tensor& states, const Rows& rows,
                      std::span<const int32_t> of_query) const = 0;
};

class Kind {
 public:
  virtual ~Kind() = default;
  // q [query tokens, heads·width], k and v [key tokens, key heads·width] → [query tokens, heads·width].
  virtual Tensor mix(const Pass& pass, const Tensor& query, const Tensor& key, const Tensor& value,
                     const Rows& query_rows, const Rows& key_rows, const ops::AttentionOptions& options) const = 0;
  // What plain attention is to do besides, over whole sequences and over a cache; rows: of the queries.
  virtual void adjust(const Pass&, const Rows& /*rows*/, ops::AttentionOptions&) const {}
  // Whether training wants the keys and values once more, made of states that take no gradient: then mix_with_memory().
  virtual bool has_memory() const { return false; }
  virtual Tensor mix_with_memory(const Pass& pass, const QueryKeyValue& parts, const QueryKeyValue& /*of_memory*/,
                                 const Rows& rows, const ops::AttentionOptions& options) const {
    return mix(pass, parts.query, parts.key, parts.value, rows, rows, options);
  }
  // One query a row over keys and values, or what stands for both, in a cache. Of kinds without a recurrent form.
  virtual Tensor mix_cached(const Pass&, const Tensor& query, const ops::CachedKeys& cache, const Rows& rows,
                            const ops::AttentionOptions& options) const {
    return ops::cached_attention(query, cache, rows, options);
  }
  // Whether it is plain attention with what adjust() adds, for which queries, keys and values may stay side by side.
  virtual bool is_plain() const { return false; }
  // Null: decoding keeps the keys and values themselves. A recurrent kind has no weights to show while it decodes.
  virtual const Recurrence* recurrence() const { return nullptr; }
};

struct KindEntry {
  Idea idea;
  bool has_weights;  // over keys, for dropout to act on
  bool is_softmax;   // of scores, over keys that the mask shows
  // What each token of a head is to the mixing: numbers of its key and query that are kept, and multiply-adds
  // (pairs: that see each other in one head).
  int64_t (*features)(const AttentionConfig& config);
  int64_t (*products)(const AttentionConfig& config, int64_t queries, int64_t keys, int64_t pairs);
  std::unique_ptr<Kind> (*make)(const Place& place, const AttentionConfig& config);
};

std::span<const KindEntry> all_kinds();
// Throws InputError for an unknown name.
const KindEntry& find_kind(std::string_view name);

}  // namespace heddle::nn::attentions
