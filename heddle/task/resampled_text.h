#pragma once
// Training text whose words are cut anew, at random, in every epoch: subword regularisation (Kudo 2018; Provilkov et
// al. 2020). What an epoch's text is follows from the seed, the epoch and the example's number alone, so neither
// threads nor a resumed run change it.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/data/parallel_text.h"
#include "heddle/data/translation_set.h"
#include "heddle/task/recipe.h"
#include "heddle/text/tokenizer.h"

namespace heddle::task {

class ResampledText {
 public:
  // `set` holds `pairs`, in their order, cut as usual. Both and the tokenizer outlive this.

  ResampledText(std::span<const data::TextPair> pairs, const data::TranslationSet& set,
                const text::Tokenizer& tokenizer, const TextConfig& config, data::LengthLimits limits, uint64_t seed);

  // All pairs in their order; one whose random cuts are longer than the limits is cut as usual.
  data::TranslationSet epoch(int64_t epoch) const;

 private:
  std::span<const data::TextPair> pairs_;
  const data::TranslationSet& set_;
  const text::Tokenizer& tokenizer_;
  text::SubwordSampling how_;
  bool source_, target_;  // which side is cut at random
  data::LengthLimits limits_;
  uint64_t seed_;
};

}  // namespace heddle::task
