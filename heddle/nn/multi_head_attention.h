#pragma once
// Multi-head attention (Vaswani et al. 2017, section 3.2): heads of width/heads dimensions, each
// softmax(q·kᵀ/√d)·v (see AttentionScore), joined by an output projection whose bias is left to the residual step that
// follows.
//
// Self-attention projects queries, keys and values in one product; cross-attention projects the memory's
// keys and values in one, which a decoder does once per source.

#include <cmath>
#include <string>

#include "heddle/nn/linear.h"
#include "heddle/ops/attention.h"

namespace heddle::nn {

// How a query and a key meet: q·k/√d (Vaswani et al. 2017) or q·k alone (Luong et al. 2015).
enum class AttentionScore : uint8_t { scaled_dot, dot };

struct AttentionConfig {
  int64_t width = 0;
  int heads = 1;
  int64_t head_width = 0;  // 0: width / heads
  double dropout = 0.0;    // on the weights
  AttentionScore score = AttentionScore::scaled_dot;
  kernels::Mask mask = kernels::Mask::full();  // which keys a query may see, by their positions

  int64_t inner() const { return head_width ? head_width * heads : width; }
  // What a dot product of one head is multiplied by.
  double scale() const {
    const int64_t each = inner() / heads;
    return score == AttentionScore::dot ? 1.0 : 1.0 / std::sqrt(static_cast<double>(each));
  }
};

struct QueryKeyValue {
  Tensor query, key, value;
};

class SelfAttention {
 public:
  SelfAttention(Parameters& parameters, const std::string& name, int layer, const AttentionConfig& config);

  // x [tokens, width] → [tokens, width], without the output bias.
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const {
    return forward(pass, x, rows, config_.mask);
  }
  // The same under another mask than its own.
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows, const kernels::Mask& mask) const;

  // Decoding: the new tokens' queries, keys and values, [tokens, inner] each (not dense without a probe); the caller
  // puts keys and values into its cache, over which the new queries then attend.
  QueryKeyValue project(const Pass& pass, const Tensor& x, const Rows& rows) const;
  Tensor attend_cached(const Pass& pass, const Tensor& query, const ops::CachedKeys& cache, const Rows& rows) const;

  Tensor bias(const Pass& pass) const { return dense_or_none(output_.bias, pass); }
  const AttentionConfig& config() const { return config_; }

 private:
  QueryKeyValue observed(const Pass& pass, const Tensor& qkv, const Rows& rows) const;

  std::string name_;
  AttentionConfig config_;
  uint64_t dropout_site_;
  Linear qkv_, output_;
  std::string query_point_, key_point_, value_point_, output_point_;
};

class CrossAttention {
 public:
  CrossAttention(Parameters& parameters, const std::string& name, int layer, const AttentionConfig& config);

  // Keys and values of the memory, [memory tokens, 2·inner].
  Tensor project_memory(const Pass& pass, const Tensor& memory, const Rows& memory_rows) const;
  // x [tokens, width] over the projected memory; sequence i of x looks at sequence of_query[i] of the
  // memory (empty: i).
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows, const Tensor& projected_memory,
                 const Rows& memory_rows, std::span<const int32_t> of_query = {}) const;

  Tensor bias(const Pass& pass) const { return dense_or_none(output_.bias, pass); }

 private:
  std::string name_;
  AttentionConfig config_;
  uint64_t dropout_site_;
  Linear query_, key_value_, output_;
  std::string query_point_, key_point_, value_point_, output_point_;
};

}  // namespace heddle::nn
