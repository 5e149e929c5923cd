#pragma once
// A small translator with random weights, far from uniform answers, and sources for it.

#include <vector>

#include "heddle/decode/step_model.h"
#include "heddle/model/store.h"

namespace heddle::task {

using Row = decode::StepModel::Row;
using Ids = std::vector<int32_t>;

constexpr int32_t kStart = 1, kEnd = 2;

struct RandomTranslator {
  model::LoadedModel loaded;
  std::vector<Ids> sources;

  RandomTranslator(int32_t vocab, const char* norm_place, std::vector<Ids> source_ids,
                   const char* attention = "softmax", int64_t max_length = 64, const char* network = "relu")
      : loaded(config(vocab, norm_place, attention, max_length, network)), sources(std::move(source_ids)) {
    loaded.parameters.initialize(loaded.weights, 1);
    RandomStream random({2, 0, 0, 0});  // far from uniform
    for (float& w : loaded.weights.flat().span<float>()) w += static_cast<float>(0.3 * random.normal());
    loaded.weights.touch();
  }
  static model::ModelConfig config(int32_t vocab, const char* norm_place, const char* attention, int64_t max_length,
                                   const char* network) {
    model::ModelConfig config;
    config.width = 16;
    config.layer.ffn = 24;
    config.layer.norm_place = norm_place;
    config.layer.head_width = 5;
    config.layer.attention_kind = attention;
    config.layer.ffn_kind = network;
    config.max_length = max_length;
    config.vocab_size = vocab;
    return config;
  }
  nn::Pass pass(nn::Probe* probe = nullptr) const {
    return {.parameters = loaded.parameters, .weights = loaded.weights, .random = {}, .probe = probe};
  }
};

}  // namespace heddle::task
