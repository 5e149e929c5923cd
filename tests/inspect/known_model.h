#pragma once
// A small translator in f64 whose weights are random or set by the test, and sentences for it.

#include <gtest/gtest.h>

#include <string>

#include "heddle/base/random.h"
#include "heddle/inspect/subject.h"

namespace heddle::inspect {

struct KnownModel {
  nn::Parameters parameters;
  model::EncoderDecoder model;
  nn::WeightSet weights;

  explicit KnownModel(const model::ModelConfig& config, uint64_t seed = 3)
      : model(parameters, config), weights(parameters, DType::f64) {
    parameters.initialize(weights, seed);
    RandomStream random({seed, 1, 0, 0});
    for (double& weight : weights.flat().span<double>()) weight += 0.1 * random.normal();
  }
  Subject subject() const { return {model, parameters, weights}; }
  // A weight, as rows of numbers to be set.
  Tensor weight(const std::string& name) {
    const nn::ParameterId id = parameters.find(name);
    EXPECT_NE(id, nn::kNoParameter) << name;
    return weights.of(id);
  }
  static void set_zero(const Tensor& tensor) {
    for (double& value : tensor.span<double>()) value = 0;
  }
};

inline model::ModelConfig known_config() {
  model::ModelConfig config;
  config.width = 16;
  config.encoder_layers = 2;
  config.decoder_layers = 2;
  config.max_length = 8;
  config.position = "learned";
  config.layer.heads = 2;
  config.layer.ffn = 20;
  config.vocab_size = 23;
  return config;
}

inline Examples known_examples(uint64_t seed = 5, int sentences = 4) {
  RandomStream random({seed, 0, 0, 0});
  Examples examples = {.begin_id = 1};
  for (int i = 0; i < sentences; ++i)
    for (auto* side : {&examples.source, &examples.target}) {
      auto& ids = side->emplace_back();
      for (size_t length = 2 + random.below(6); ids.size() < length;)
        ids.push_back(2 + static_cast<int32_t>(random.below(21)));
    }
  return examples;
}

}  // namespace heddle::inspect
