#pragma once
// Multi-head attention (Vaswani et al. 2017, section 3.2): heads of width/heads dimensions, each softmax(score)·v or
// another kind of mixing, joined by an output projection whose bias is left to the residual step that follows.
//
// What a score is, where queries, keys and values come from, how positions enter, who sees whom and how the output is
// made of it are values of the config (heddle/nn/attention/, heddle/nn/position/). A plain self-attention whose parts
// come from one product, with nothing done to queries and keys but turning them, never takes them apart.

#include <memory>
#include <optional>
#include <string>

#include "heddle/nn/attention/head_dropout.h"
#include "heddle/nn/attention/kind.h"
#include "heddle/nn/attention/merged_memory.h"
#include "heddle/nn/attention/projection.h"
#include "heddle/nn/attention/qk_norm.h"
#include "heddle/nn/attention/score.h"
#include "heddle/nn/observer.h"
#include "heddle/nn/position/position.h"
#include "heddle/ops/attention.h"

namespace heddle::nn {

// What attention made of its memory, once per source: keys and values side by side, or apart where something is
// done to them.
struct ProjectedMemory {
  Tensor side_by_side = {};  // [memory tokens, 2·key heads·width]
  Tensor key = {}, value = {};
  Tensor states = {};  // [sequences, state width]: keys and values as a recurrent kind holds them, for decoding
};

class SelfAttention {
 public:
  // `position`: what acts on queries, keys and scores; null: nothing.
  SelfAttention(Parameters& parameters, const std::string& name, int layer, const AttentionConfig& config,
                std::shared_ptr<const Position> position = {});

  // x [tokens, width] → [tokens, width], without the output bias.
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const {
    return forward(pass, x, rows, config_.mask);
  }
  // Over a memory too, in the same softmax (config.reads_memory): what project_memory() made of it, once per source.
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows, const ProjectedMemory& memory,
                 const Rows& memory_rows) const;
  ProjectedMemory project_memory(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const;
  // The same under another mask than its own.
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows, const kernels::Mask& mask) const;

  // The tokens' queries [tokens, inner], keys and values [tokens, key heads·width] (views of one matrix where nobody
  // looks).
  QueryKeyValue project(const Pass& pass, const Tensor& x, const Rows& rows) const;
  // Decoding: the same of new tokens, or queries that meet latent vectors, and these as keys, without values. The
  // caller puts keys and values into its cache, over which the new queries then attend.
  QueryKeyValue project_cached(const Pass& pass, const Tensor& x, const Rows& rows) const;
  Tensor attend_cached(const Pass& pass, const Tensor& query, const ops::CachedKeys& cache, const Rows& rows) const;
  // The same where a state stands for the past (state_width() > 0): it takes in the new tokens first.
  Tensor attend_states(const Pass& pass, const QueryKeyValue& parts, const Rows& rows, const Tensor& past,
                       std::span<const int32_t> parents, const Tensor& states) const;
  // Of a row of that cache; of a state.
  int64_t key_width() const { return config_.of_head() * config_.of_keys(); }
  int64_t cache_width() const {
    if (const attentions::LatentCache* latent = projection_->latent_cache()) return latent->width();
    return state_width() ? 0 : 2 * key_width();
  }
  int64_t state_width() const { return kind_->recurrence() ? kind_->recurrence()->state_width() : 0; }

  // What its heads are shown, as its kind narrows it.
  std::vector<kernels::Mask> masks(const Pass& pass) const;

  Tensor bias(const Pass& pass) const { return dense_or_none(output_.bias, pass); }
  const AttentionConfig& config() const { return config_; }

 private:
  ops::AttentionOptions options(const Pass& pass, const Rows& rows, const kernels::Mask& mask) const;
  bool stays_fused(const Pass& pass) const {
    return kind_->is_plain() && !observer(pass) && !norm_.exists() && !score_->changes();
  }

  std::string name_;
  AttentionConfig config_;
  std::shared_ptr<const Position> position_;
  uint64_t dropout_site_, noise_site_;
  Dropout head_dropout_;
  std::unique_ptr<attentions::Projection> projection_;
  attentions::QkNorm norm_;
  std::unique_ptr<attentions::Score> score_;
  std::unique_ptr<attentions::Kind> kind_;
  Linear output_;
  std::optional<attentions::MergedMemory> memory_;
  std::string query_point_, key_point_, value_point_, output_point_, memory_key_point_, memory_value_point_;
};

class CrossAttention {
 public:
  CrossAttention(Parameters& parameters, const std::string& name, int layer, const AttentionConfig& config);

  ProjectedMemory project_memory(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const;
  // For many queries to come: with its states, where the kind has them.
  ProjectedMemory remember(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const;
  // x [tokens, width] over the projected memory; sequence i of x looks at sequence of_query[i] of the
  // memory (empty: i).
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows, const ProjectedMemory& memory,
                 const Rows& memory_rows, std::span<const int32_t> of_query = {}) const;

  Tensor bias(const Pass& pass) const { return dense_or_none(output_.bias, pass); }

 private:
  std::string name_;
  AttentionConfig config_;
  uint64_t dropout_site_, noise_site_;
  Dropout head_dropout_;
  Linear query_, key_value_, output_;
  attentions::QkNorm norm_;
  std::unique_ptr<attentions::Score> score_;
  std::unique_ptr<attentions::Kind> kind_;
  std::string query_point_, key_point_, value_point_, output_point_;
};

}  // namespace heddle::nn
