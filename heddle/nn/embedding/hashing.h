#pragma once
// v = Σ_i w[id, i]·E[h_i(id)]: k hashes name k rows of one table of B buckets, and two numbers of each token's own tell
// apart what a bucket holds together (Svenstrup et al. 2017, "Hash embeddings"). B·d + V·k weights; O(n·k·d).
//
// The hashes: `modulo` is a mixed 64-bit hash of (id, i) modulo B (Weinberger et al. 2009). `consistent` is jump
// hashing (Lamping & Veach 2014): with B + 1 buckets only 1 in B + 1 of the tokens changes its bucket, so that a table
// can grow.

#include <vector>

#include "heddle/nn/embedding/table_of.h"

namespace heddle::nn::embeddings {

class Hashing : public Source {
 public:
  static constexpr Idea kIdea = {.name = "hashing",
                                 .formula = "Σ_i w[id, i]·E[h_i(id)], k hashes into B rows",
                                 .cost = "O(nkd), Bd + Vk weights",
                                 .paper = "Svenstrup et al. 2017"};
  Hashing(const Place& place, const EmbeddingSourceConfig& config);
  Tensor vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const override;

  // The bucket of a token by hash number `which`.
  static int64_t bucket(int64_t id, int64_t which, int64_t buckets, bool consistent);

 private:
  int64_t vocab_size_, buckets_, hashes_;
  bool consistent_;
  ParameterId table_;
  std::vector<ParameterId> importance_;  // of each hash, [V, 1]
};

}  // namespace heddle::nn::embeddings
