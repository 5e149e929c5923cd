#pragma once
// A small translator with random weights and its gradients, for tests of whole models.

#include <cmath>

#include "heddle/nn/gradients.h"
#include "tests/model/tiny_batch.h"

namespace heddle::model {

inline constexpr int kVocab = 23;

inline ModelConfig tiny_config() {
  ModelConfig config;
  config.width = 12;
  config.encoder_layers = 2;
  config.decoder_layers = 2;
  config.max_length = 32;
  config.layer.heads = 3;
  config.layer.ffn = 20;
  config.layer.dropout = 0.2;
  config.vocab_size = kVocab;
  return config;
}

// A model with random weights in f64, everything away from zero so that every gradient shows.
struct TinyModel {
  nn::Parameters parameters;
  EncoderDecoder model;
  nn::WeightSet weights;
  nn::SummedGradients gradients;
  mutable nn::SideLosses side_losses;
  int64_t checkpoint_blocks = 0;
  nn::Probe* probe = nullptr;

  explicit TinyModel(const ModelConfig& config, DType dtype = DType::f64)
      : model(parameters, config), weights(parameters, dtype), gradients(parameters, weights) {
    parameters.initialize(weights, 3);
    RandomStream random({9, 0, 0, 0});
    for (int64_t i = 0; i < weights.flat().count(); ++i) {
      const double noise = 0.1 * random.normal();
      if (dtype == DType::f64) weights.flat().data<double>()[i] += noise;
      else weights.flat().data<float>()[i] += static_cast<float>(noise);
    }
  }
  nn::Pass pass(bool training = true) const {
    return {.parameters = parameters,
            .weights = weights,
            .random = {7, 5, 0, 0},
            .training = training,
            .probe = probe,
            .side_losses = &side_losses,
            .checkpoint_blocks = checkpoint_blocks};
  }
  double loss(const TinyBatch& batch) const { return batch_loss(model, pass(), batch).loss_sum; }
  // The loss whose gradients they are.
  double add_gradients(const TinyBatch& batch, bool eager = true, ops::Watch* watch = nullptr) {
    Arena arena;
    ops::Tape tape(arena, {.eager_sink = eager ? &gradients : nullptr, .watch = watch});
    const ops::OutputLoss loss = batch_loss(model, pass(), batch);
    const ops::Seed seed{loss.loss, {}};
    tape.backward({&seed, 1}, gradients);
    return loss.loss_sum;
  }
};

// ‖a − b‖ / ‖b‖.
inline double relative(const Tensor& a, const Tensor& b) {
  double difference = 0, norm = 0;
  for (int64_t i = 0; i < a.count(); ++i) {
    const double x = a.dtype() == DType::f64 ? a.data<double>()[i] : static_cast<double>(a.data<float>()[i]);
    const double y = b.dtype() == DType::f64 ? b.data<double>()[i] : static_cast<double>(b.data<float>()[i]);
    difference += (x - y) * (x - y);
    norm += y * y;
  }
  return std::sqrt(difference / norm);
}

}  // namespace heddle::model
