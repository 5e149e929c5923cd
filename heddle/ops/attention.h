#pragma once
// Multi-head attention of packed queries over packed keys and values, differentiable.
//
// q [query tokens, heads·key width], k and v [key tokens, key_heads·width] → [query tokens, heads·value width]. Query
// head h reads key head h·key_heads/heads. Sequence i of the queries reads sequence of_query[i] of the keys (empty: i).

#include <array>
#include <span>

#include "heddle/kernels/attention.h"
#include "heddle/ops/attention_probe.h"
#include "heddle/ops/dropout_site.h"
#include "heddle/ops/position_term.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

// Gumbel noise on the scores: weights become a draw (nn/attention/sampled_weights.h).
struct ScoreNoise {
  RandomKey key = {};  // with its site
  bool active = false;
};

// How far each head looks: kernels/score_terms/soft_span.h.
struct SpanTerm {
  Tensor logits = {};  // [heads]; undefined: as far as the mask lets it
  double longest = 0, ramp = 1;
};

struct AttentionOptions {
  int heads = 1;
  int key_heads = 0;  // divide the heads; 0: as many
  double scale = 1;
  DropoutSite dropout = {};
  kernels::Mask mask = {};
  std::span<const kernels::Mask> head_masks = {};  // one for each head in place of `mask`; outlive the tape
  std::span<const int32_t> of_query = {};
  AttentionProbe* probe = nullptr;
  PositionTerm term = {};  // added to the scores
  ScoreNoise noise = {};
  Tensor additive = {};  // v [heads·width]: v·tanh(q + k) is added to the scores; undefined: nothing
  SpanTerm span = {};
  Tensor sink = {};  // [heads]: a score of its own in every row's softmax, without a value; undefined: none

  int of_keys() const { return key_heads ? key_heads : heads; }
  // Its weights, each undefined where there is none: those of the score's terms, then the sink.
  std::array<Tensor, 5> learned() const { return {term.learned(), term.shift, additive, span.logits, sink}; }
  bool has_learned_terms() const { return term.table.defined() || additive.defined() || span.logits.defined(); }
};

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const Rows& query_rows, const Rows& key_rows,
                 const AttentionOptions& options);

// qkv [tokens, (heads + 2·key_heads)·width]: queries, keys and values side by side, of the same sequences.
Tensor self_attention(const Tensor& qkv, const Rows& rows, const AttentionOptions& options);

// key_value [key tokens, 2·key_heads·width]: keys and values side by side.
Tensor cross_attention(const Tensor& q, const Tensor& key_value, const Rows& query_rows, const Rows& key_rows,
                       const AttentionOptions& options);

}  // namespace heddle::ops
