#include "heddle/nn/embedding/hashing.h"

#include "heddle/nn/embedding/mapped_ids.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/elementwise_product.h"
#include "heddle/ops/embedding.h"
#include "heddle/ops/residual_norm.h"

namespace heddle::nn::embeddings {
namespace {

// Jump consistent hashing (Lamping & Veach 2014): the key jumps from bucket to bucket, ever farther.
int64_t jump(uint64_t key, int64_t buckets) {
  int64_t bucket = -1, next = 0;
  while (next < buckets) {
    bucket = next;
    key = key * 2862933555777941757ull + 1;
    const double share = static_cast<double>(int64_t{1} << 31) / static_cast<double>((key >> 33) + 1);
    next = static_cast<int64_t>(static_cast<double>(bucket + 1) * share);
  }
  return bucket;
}

}  // namespace

int64_t Hashing::bucket(int64_t id, int64_t which, int64_t buckets, bool consistent) {
  const uint64_t key = mix64(mix64(static_cast<uint64_t>(id)) ^ static_cast<uint64_t>(which));
  return consistent ? jump(key, buckets) : static_cast<int64_t>(key % static_cast<uint64_t>(buckets));
}

Hashing::Hashing(const Place& place, const EmbeddingSourceConfig& config)
    : vocab_size_(config.vocab_size),
      buckets_(config.buckets ? config.buckets : std::max<int64_t>(1, config.vocab_size / 4)),
      hashes_(config.hashes),
      consistent_(config.hash == "consistent"),
      table_(declare_table(place, "table", buckets_, config.width, config.width, config.hashes)) {
  for (int64_t i = 0; i < hashes_; ++i)
    importance_.push_back(place.parameters.declare({.name = fmt::format("{}.importance{}.weight", place.name, i),
                                                    .role = "embedding",
                                                    .shape = {config.vocab_size, 1},
                                                    .init = Init::ones()}));
}

Tensor Hashing::vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const {
  const Tensor table = weight(table_, pass).dense();
  Tensor sum;
  for (int64_t i = 0; i < hashes_; ++i) {
    Tensor memory;
    const auto buckets =
        mapped_ids(ids, vocab_size_, memory, [&](int64_t id) { return bucket(id, i, buckets_, consistent_); });
    const Tensor importance =
        ops::embed(ids, weight(importance_[static_cast<size_t>(i)], pass).dense(), scale, {}, rows, {});
    const Tensor part = ops::elementwise_product(ops::embed(buckets, table, 1.0, {}, rows, {}), importance, rows);
    sum = sum.defined() ? ops::residual_add(part, {}, sum, rows, {}) : part;
  }
  return sum;
}

}  // namespace heddle::nn::embeddings
