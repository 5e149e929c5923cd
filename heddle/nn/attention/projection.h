#pragma once
// Where the queries, keys and values of a self-attention come from. Query head h reads key head h·key_heads/heads.

#include <memory>

#include "heddle/nn/attention/config.h"
#include "heddle/nn/idea.h"
#include "heddle/nn/linear.h"

namespace heddle::nn {

struct QueryKeyValue {
  Tensor query, key, value;
};

namespace attentions {

// What decoding keeps of each past token where that is less than its keys and values: one vector that queries meet
// themselves, and whose weighted mean becomes the heads' values. Not recorded.
class LatentCache {
 public:
  virtual ~LatentCache() = default;
  virtual int64_t width() const = 0;
  // [tokens, heads·head width]
  virtual Tensor query(const Pass& pass, const Tensor& x, const Rows& rows) const = 0;
  virtual Tensor latent(const Pass& pass, const Tensor& x, const Rows& rows) const = 0;  // [tokens, width]
  // [tokens, heads·head width] → [tokens, heads·width]: q·k of the query is their product with a latent vector.
  virtual Tensor meeting(const Pass& pass, const Tensor& query, const Rows& rows) const = 0;
  // [tokens, heads·width], what attention makes of latent vectors → [tokens, heads·head width], what it makes of
  // values.
  virtual Tensor values(const Pass& pass, const Tensor& mixed, const Rows& rows) const = 0;
};

class Projection {
 public:
  virtual ~Projection() = default;
  // Queries, keys and values side by side from one product, [tokens, (heads + 2·key heads)·width]; undefined where
  // there is no such product.
  virtual Tensor side_by_side(const Pass&, const Tensor& /*x*/, const Rows&) const { return {}; }
  // The three apart; `dense` or on a tape they are no views.
  virtual QueryKeyValue apart(const Pass& pass, const Tensor& x, const Rows& rows, bool dense) const = 0;
  // Whether scores depend on queries and keys at all.
  virtual bool has_scores() const { return true; }
  // Null: decoding keeps keys and values.
  virtual const LatentCache* latent_cache() const { return nullptr; }
};

struct ProjectionEntry {
  Idea idea;
  std::unique_ptr<Projection> (*make)(const Place& place, const AttentionConfig& config);
};

std::span<const ProjectionEntry> all_projections();
// Throws InputError for an unknown name.
const ProjectionEntry& find_projection(std::string_view name);

}  // namespace attentions
}  // namespace heddle::nn
