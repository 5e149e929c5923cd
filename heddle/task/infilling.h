#pragma once
// The infilling objective: some blocks of a text are read in an order that leaves their middle to the end
// (heddle/data/infilling.h).

#include "heddle/data/infilling.h"
#include "heddle/data/language_set.h"
#include "heddle/task/token_objective.h"
#include "heddle/text/tokenizer.h"

namespace heddle::task {

// Throws InputError for a tokenizer without the tokens that mark the parts.
data::InfillingTokens infilling_tokens(const text::Tokenizer& tokenizer);

// Every sequence of the set, anew in every epoch rearranged with probability `share`.
class InfillingExamples : public Examples {
 public:
  InfillingExamples(const data::LanguageSet& set, const data::InfillingTokens& tokens, int32_t begin_id, double share,
                    uint64_t seed)
      : set_(set), tokens_(tokens), begin_id_(begin_id), share_(share), seed_(seed) {}

  std::vector<data::ExampleLength> open(int64_t epoch) override;
  void append_to(data::TranslationBatch& batch, int32_t number) const override;

 private:
  // The draws of a sequence in this epoch; the first says whether it is rearranged.
  RandomStream random_of(int64_t i) const;
  bool rearranges(RandomStream& random) const { return random.uniform() < share_; }

  const data::LanguageSet& set_;
  data::InfillingTokens tokens_;
  int32_t begin_id_;
  double share_;
  uint64_t seed_;
  int64_t epoch_ = 0;
};

}  // namespace heddle::task
