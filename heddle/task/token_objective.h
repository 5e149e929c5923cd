#pragma once
// The next-token loss over packed batches, with a source or without: what translation and language modelling share.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "heddle/data/batch_plan.h"
#include "heddle/data/batches/batch_loader.h"
#include "heddle/data/packed_batch.h"
#include "heddle/model/encoder_decoder.h"
#include "heddle/train/config.h"
#include "heddle/train/objective.h"

namespace heddle::task {

// What batches are made of.
class Examples {
 public:
  virtual ~Examples() = default;
  // Makes the examples of an epoch current; their lengths, by number.
  virtual std::vector<data::ExampleLength> open(int64_t epoch) = 0;
  // Called by several threads at once.
  virtual void append_to(data::TranslationBatch& batch, int32_t number) const = 0;
};

// Batch i of a plan over the open examples, in the memory of another.
void make_batch(const Examples& examples, const data::BatchPlan& plan, int64_t i, data::TranslationBatch& batch);

class TokenObjective : public train::Objective {
 public:
  TokenObjective(const model::EncoderDecoder& model, std::unique_ptr<Examples> examples,
                 const train::TrainConfig& config);

  train::DataPosition position() const override { return position_; }
  void seek(train::DataPosition position) override;
  train::BatchCounts next_batch() override;
  int micro_batches() const override { return static_cast<int>(batch_->pieces.size()); }
  Tensor forward(int micro_batch, const nn::Pass& pass, double scale, train::LossSums& sums) override;

 private:
  struct Batch {
    data::TranslationBatch whole;
    std::vector<data::TranslationBatch> pieces;
    train::BatchCounts counts;
  };
  void make(int64_t number, Batch& batch) const;

  const model::EncoderDecoder& model_;
  std::unique_ptr<Examples> examples_;
  train::TrainConfig config_;
  train::DataPosition position_;
  std::optional<data::BatchPlan> plan_;
  data::BatchLoader<Batch> loader_;  // reads the plan and the examples
  const Batch* batch_ = nullptr;     // the loaded one, the loader's
};

// Hands out all examples of epoch 0 once, in batches of similar length, each with a workspace of its own: for scoring.
void each_batch(Examples& examples, const std::function<void(const data::TranslationBatch& batch)>& use);

// The decoder's states over a batch, [target tokens, width].
Tensor states_of(const model::EncoderDecoder& model, const nn::Pass& pass, const data::TranslationBatch& batch);

}  // namespace heddle::task
