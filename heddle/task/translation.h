#pragma once
// The translation job as the trainer sees it: batches and their loss, and validation by real decoding.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "heddle/data/parallel_text.h"
#include "heddle/model/encoder_decoder.h"
#include "heddle/task/recipe.h"
#include "heddle/task/token_objective.h"
#include "heddle/text/tokenizer.h"

namespace heddle::task {

// The text of an epoch, as many pairs as the first, in the same order.
using TextOfEpoch = std::function<data::TranslationSet(int64_t epoch)>;

// Sentence pairs by their number in the data, which keys the dropout, whatever the batch.
class TranslationExamples : public Examples {
 public:
  TranslationExamples(const data::TranslationSet& set, int32_t begin_id, TextOfEpoch text_of_epoch)
      : set_(set), text_of_epoch_(std::move(text_of_epoch)), begin_id_(begin_id) {}

  std::vector<data::ExampleLength> open(int64_t epoch) override;
  void append_to(data::TranslationBatch& batch, int32_t number) const override {
    current().append_to(batch, number, number, begin_id_);
  }

 private:
  const data::TranslationSet& current() const { return text_of_epoch_ ? drawn_ : set_; }

  const data::TranslationSet& set_;
  TextOfEpoch text_of_epoch_;
  data::TranslationSet drawn_;  // of drawn_epoch_, where each epoch has its own text
  int64_t drawn_epoch_ = -1;
  int32_t begin_id_;
};

class TranslationObjective : public TokenObjective {
 public:
  TranslationObjective(const model::EncoderDecoder& model, const data::TranslationSet& set, int32_t begin_id,
                       const train::TrainConfig& config, TextOfEpoch text_of_epoch = {})
      : TokenObjective(model, std::make_unique<TranslationExamples>(set, begin_id, std::move(text_of_epoch)), config) {}
};

class TranslationValidator : public train::Validator {
 public:
  TranslationValidator(const model::EncoderDecoder& model, const text::Tokenizer& tokenizer, const Recipe& recipe,
                       std::vector<data::TextPair> pairs);
  train::Validation validate(const nn::Parameters& parameters, const nn::WeightSet& weights) override;

 private:
  double mean_nll(const nn::Pass& pass) const;

  const model::EncoderDecoder& model_;
  const text::Tokenizer& tokenizer_;
  const Recipe& recipe_;
  std::vector<data::TextPair> pairs_;
  data::TranslationSet set_;
};

}  // namespace heddle::task
