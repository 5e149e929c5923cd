#include "heddle/model/early_exit.h"

#include "heddle/model/layer_choice.h"

namespace heddle::model {

std::vector<int64_t> exit_layers(const ModelConfig& config) {
  std::vector<int64_t> layers;
  if (config.exit_layers.empty()) return layers;
  for (int64_t i = 0; i + 1 < config.decoder_layers; ++i)
    if (names_layer("model.exit_layers", config.exit_layers, i)) layers.push_back(i);
  if (layers.empty())
    fail_input(
        "model.exit_layers = \"{}\" names no layer before the last of model.decoder_layers = {}; layers count from 0",
        config.exit_layers, config.decoder_layers);
  return layers;
}

void check_can_exit(const ModelConfig& config, double threshold) {
  if (threshold <= 0) return;
  if (config.exit_layers.empty())
    fail_input(
        "decode.exit_threshold = {} needs layers to stop at, but model.exit_layers is empty; train with "
        "model.exit_layers = \"all\" or set decode.exit_threshold = 0",
        threshold);
  for (int64_t i = 0; i < config.decoder_layers; ++i) {
    const nn::LayerConfig layer = resolve_layer(config, Stack::decoder, i);
    if (layer.feed_forward.kind == "convolution")
      fail_input(
          "decode.exit_threshold = {} lets tokens stop before layers whose model.ffn_kind = \"convolution\" reads the "
          "tokens before; set decode.exit_threshold = 0",
          threshold);
    if (layer.self_attention.kind == "linear")
      fail_input(
          "decode.exit_threshold = {} lets tokens of a batch stop at different layers, which model.attention.kind = "
          "\"linear\" with its one state a row does not know; set decode.exit_threshold = 0",
          threshold);
  }
}

}  // namespace heddle::model
