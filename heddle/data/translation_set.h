#pragma once
// Sentence pairs as token ids, end to end in memory, and the packed batches made from them.

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "heddle/data/packed_batch.h"
#include "heddle/data/parallel_text.h"

namespace heddle::data {

// Encoded pairs. Both sides end in the end token.
class TranslationSet {
 public:
  void add(std::span<const int32_t> source, std::span<const int32_t> target, int32_t domain = kNoDomain);

  int64_t size() const { return static_cast<int64_t>(source_offsets_.size()) - 1; }
  std::span<const int32_t> source(int64_t i) const { return slice(source_ids_, source_offsets_, i); }
  std::span<const int32_t> target(int64_t i) const { return slice(target_ids_, target_offsets_, i); }
  int32_t domain(int64_t i) const { return domain_[static_cast<size_t>(i)]; }
  int64_t source_tokens() const { return source_offsets_.back(); }
  int64_t target_tokens() const { return target_offsets_.back(); }

  // Appends pair i, known as example `number`; the decoder's input starts with `begin_id`.
  void append_to(TranslationBatch& batch, int64_t i, int64_t number, int32_t begin_id) const;

 private:
  static std::span<const int32_t> slice(const std::vector<int32_t>& ids, const std::vector<int64_t>& offsets,
                                        int64_t i) {
    const auto at = static_cast<size_t>(i);
    return {ids.data() + offsets[at], static_cast<size_t>(offsets[at + 1] - offsets[at])};
  }

  std::vector<int32_t> source_ids_, target_ids_, domain_;
  std::vector<int64_t> source_offsets_{0}, target_offsets_{0};
};

// Which pairs are of use for training. Lengths are in tokens, special ones included.
struct LengthLimits {
  int64_t max_source_tokens = 256, max_target_tokens = 256;
  double max_ratio = 0;  // of the longer side to the shorter one; 0: any
};

struct EncodedPairs {
  TranslationSet set;
  std::vector<size_t> kept;  // the places in `pairs` of what is in the set
  // Left out: with an empty side, beyond a length, beyond the ratio.
  int64_t empty = 0, too_long = 0, uneven = 0;
};

// Text → ids with the end token.
using Encode = std::function<std::vector<int32_t>(std::string_view)>;

EncodedPairs encode_pairs(std::span<const TextPair> pairs, const Encode& encode_source, const Encode& encode_target,
                          const LengthLimits& limits);

}  // namespace heddle::data
