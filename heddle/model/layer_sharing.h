#pragma once
// Layers that share their weights: model.share_layers = k lets the layers 0 … k-1 of a stack be one set of weights, k …
// 2k-1 the next, and so on. Parameters of k layers count once, their gradients are summed, a file holds them once; the
// operations stay those of all layers, each with dropout of its own. k = layers: all one (Dehghani et al. 2019,
// Universal Transformers; Lan et al. 2020, ALBERT); less: ALBERT's groups, "sequence" in Takase & Kiyono 2021.

#include "heddle/model/config.h"

namespace heddle::model {

// The layer of the same stack whose weights this layer uses: itself, or an earlier one.
int64_t weight_layer(const ModelConfig& config, int64_t layer);

// Throws InputError where two layers are to share weights and the config gives them different ones.
void check_shared_layers(const ModelConfig& config);

// Makes each layer of a stack by make(name, layer), with the weights that it shares.
template <class Make>
void make_layers(nn::Parameters& parameters, const ModelConfig& config, const std::string& stack, int64_t layers,
                 Make&& make) {
  const auto name_of = [&](int64_t layer) { return fmt::format("{}.layers.{}", stack, layer); };
  for (int64_t i = 0; i < layers; ++i) {
    const int64_t owner = weight_layer(config, i);
    if (owner != i) parameters.share(name_of(i), name_of(owner));
    make(name_of(i), i);
    parameters.share("", "");
  }
}

}  // namespace heddle::model
