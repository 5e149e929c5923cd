#include "heddle/data/translation_set.h"

#include <algorithm>

namespace heddle::data {

void TranslationSet::add(std::span<const int32_t> source, std::span<const int32_t> target, int32_t domain) {
  source_ids_.insert(source_ids_.end(), source.begin(), source.end());
  target_ids_.insert(target_ids_.end(), target.begin(), target.end());
  source_offsets_.push_back(static_cast<int64_t>(source_ids_.size()));
  target_offsets_.push_back(static_cast<int64_t>(target_ids_.size()));
  domain_.push_back(domain);
}

void TranslationSet::append_to(TranslationBatch& batch, int64_t i, int64_t number, int32_t begin_id) const {
  batch.source.add(number, source(i), domain(i));
  batch.target_in.add_shifted(number, begin_id, target(i), domain(i));
  batch.target_out.add(number, target(i), domain(i));
}

EncodedPairs encode_pairs(std::span<const TextPair> pairs, const Encode& encode_source, const Encode& encode_target,
                          const LengthLimits& limits) {
  EncodedPairs encoded;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const TextPair& pair = pairs[i];
    if (pair.source.empty() || pair.target.empty()) {
      ++encoded.empty;
      continue;
    }
    const std::vector<int32_t> source = encode_source(pair.source);
    const std::vector<int32_t> target = encode_target(pair.target);
    const auto [less, more] = std::minmax({std::ssize(source), std::ssize(target)});
    if (std::ssize(source) > limits.max_source_tokens || std::ssize(target) > limits.max_target_tokens)
      ++encoded.too_long;
    else if (limits.max_ratio > 0 && static_cast<double>(more) > limits.max_ratio * static_cast<double>(less))
      ++encoded.uneven;
    else {
      encoded.set.add(source, target, pair.domain);
      encoded.kept.push_back(i);
    }
  }
  return encoded;
}

}  // namespace heddle::data
