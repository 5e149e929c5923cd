#pragma once
// What most experiments train: a small Transformer with its weights, gradients, optimizer and one arena.
//
// Token ids come from generated tasks; there is no tokenizer. The same seed gives the same weights and dropout.

#include <functional>

#include "heddle/data/packed_batch.h"
#include "heddle/model/encoder_decoder.h"
#include "heddle/nn/gradients.h"
#include "heddle/train/config.h"
#include "heddle/train/optimizer.h"
#include "heddle/train/schedule.h"

namespace heddle::lab {

// A small model for the tasks of the lab: pre-norm, tied embeddings, no dropout. `layers` in each stack.
model::ModelConfig small_model(const std::string& kind, int64_t vocab, int64_t width, int64_t layers, int64_t heads);
// Constant learning rate after a short warm-up, no smoothing.
train::TrainConfig small_training(double learning_rate);

// What may be added to a step: a probe for its forward pass, and a further loss of what the probe saw, already scaled.
struct StepExtras {
  nn::Probe* probe = nullptr;
  std::function<Tensor()> loss;
};

class Learner {
 public:
  Learner(const model::ModelConfig& config, const train::TrainConfig& train, uint64_t seed, DType dtype = DType::f32);

  // One optimizer step; returns the loss as it was optimized, in nats per target token, before the step.
  double step(const data::TranslationBatch& batch, const StepExtras& extras = {});

  // Without dropout and smoothing: −log p per target token, in nats.
  double loss(const data::TranslationBatch& batch, nn::Probe* probe = nullptr) const;
  // The share of target tokens whose most probable class they are.
  double accuracy(const data::TranslationBatch& batch, nn::Probe* probe = nullptr) const;
  // Log-probabilities [target tokens, vocab] of the next token, given the true ones before it.
  Tensor log_probabilities(const data::TranslationBatch& batch, nn::Probe* probe = nullptr) const;
  // Decoder states [target tokens, width], what the output layer is given.
  Tensor states(const data::TranslationBatch& batch, nn::Probe* probe = nullptr) const;

  // Encoder states [source tokens, width].
  Tensor encode(const data::PackedSequences& source, nn::Probe* probe = nullptr) const;

  // The weights of another learner of the same shape, in this one's format: one model under other masks or precision.
  void take_weights(const Learner& other);

  // Gradients of the summed loss · scale, added to gradients().
  ops::OutputLoss add_gradients(const data::TranslationBatch& batch, double scale, bool training = true,
                                const StepExtras& extras = {});
  // One optimizer step with gradients() as they stand, which it leaves; step() is zero, add and apply.
  void apply_gradients();

  const model::EncoderDecoder& model() const { return model_; }
  const nn::Parameters& parameters() const { return parameters_; }
  nn::WeightSet& weights() { return weights_; }
  const nn::WeightSet& weights() const { return weights_; }
  nn::SummedGradients& gradients() { return gradients_; }
  train::Optimizer& optimizer() { return optimizer_; }
  nn::Pass pass(bool training, nn::Probe* probe = nullptr) const;
  // What the activations of add_gradients() take.
  const Arena& arena() const { return arena_; }

 private:
  Tensor forward(const data::TranslationBatch& batch, const nn::Pass& pass) const;

  train::TrainConfig train_;
  uint64_t seed_;
  nn::Parameters parameters_;
  model::EncoderDecoder model_;
  nn::WeightSet weights_;
  nn::SummedGradients gradients_;
  train::Optimizer optimizer_;
  train::Schedule schedule_;
  Arena arena_;
  int64_t steps_ = 0;
};

}  // namespace heddle::lab
