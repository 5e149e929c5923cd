#pragma once
// The translation job as the trainer sees it: batches and their loss, and validation by real decoding.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heddle/data/batch_plan.h"
#include "heddle/data/parallel_text.h"
#include "heddle/model/encoder_decoder.h"
#include "heddle/task/recipe.h"
#include "heddle/text/tokenizer.h"
#include "heddle/train/objective.h"

namespace heddle::task {

// The text of an epoch, as many pairs as the first, in the same order.
using TextOfEpoch = std::function<data::TranslationSet(int64_t epoch)>;

class TranslationObjective : public train::Objective {
 public:
  TranslationObjective(const model::EncoderDecoder& model, const data::TranslationSet& set, int32_t begin_id,
                       const train::TrainConfig& config, TextOfEpoch text_of_epoch = {});

  train::DataPosition position() const override { return position_; }
  void seek(train::DataPosition position) override;
  train::BatchCounts next_batch() override;
  int micro_batches() const override { return static_cast<int>(pieces_.size()); }
  Tensor forward(int micro_batch, const nn::Pass& pass, double scale, train::LossSums& sums) override;

 private:
  const data::TranslationSet& set() const { return text_of_epoch_ ? drawn_ : set_; }

  const model::EncoderDecoder& model_;
  const data::TranslationSet& set_;
  TextOfEpoch text_of_epoch_;
  data::TranslationSet drawn_;  // of drawn_epoch_, where each epoch has its own text
  int64_t drawn_epoch_ = -1;
  int32_t begin_id_;
  train::TrainConfig config_;
  train::DataPosition position_;
  std::optional<data::BatchPlan> plan_;
  data::TranslationBatch batch_;
  std::vector<data::TranslationBatch> pieces_;
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

// A joint tokenizer of both sides.
text::Tokenizer train_tokenizer(const std::vector<data::TextPair>& pairs, const TokenizerConfig& config);

}  // namespace heddle::task
