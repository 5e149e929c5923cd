#include "heddle/model/layer_sharing.h"

namespace heddle::model {
namespace {

// The weights that a layer declares.
nn::Parameters weights_of(const ModelConfig& config, Stack stack, int64_t layer) {
  nn::LayerConfig of_layer = resolve_layer(config, stack, layer);
  of_layer.position.max_length = 2;  // tables grow with it, and weights that do are those of all layers
  nn::Parameters parameters;
  if (stack == Stack::encoder) nn::EncoderLayer(parameters, "layer", 0, of_layer);
  else nn::DecoderLayer(parameters, "layer", 0, of_layer, config.kind == "encoder_decoder");
  return parameters;
}

// The first weight of one that the other has not, or not of that shape; empty: none.
std::string missing_in(const nn::Parameters& other, const nn::Parameters& one) {
  for (const nn::ParameterInfo& info : one.all()) {
    const nn::ParameterId id = other.find(info.name);
    if (id == nn::kNoParameter || !(other.info(id).shape == info.shape))
      return fmt::format("{} {}", info.name.substr(std::string_view("layer.").size()), info.shape.text());
  }
  return {};
}

}  // namespace

int64_t weight_layer(const ModelConfig& config, int64_t layer) { return layer - layer % config.share_layers; }

void check_shared_layers(const ModelConfig& config) {
  if (config.share_layers < 1) fail_input("model.share_layers = {} must be at least 1", config.share_layers);
  if (config.share_layers == 1) return;
  for (const Stack stack : {Stack::encoder, Stack::decoder}) {
    if (stack == Stack::encoder && config.kind == "decoder_only") continue;
    const bool encodes = stack == Stack::encoder;
    for (int64_t i = 0; i < (encodes ? config.encoder_layers : config.decoder_layers); ++i) {
      const int64_t owner = weight_layer(config, i);
      if (owner == i) continue;
      const nn::Parameters first = weights_of(config, stack, owner), second = weights_of(config, stack, i);
      const std::string more = missing_in(first, second), less = missing_in(second, first);
      if (more.empty() && less.empty()) continue;
      fail_input(
          "model.share_layers = {} lets the {}'s layers {} and {} share their weights, but model.layer gives only one "
          "of them {}; give them the same keys, or share fewer layers",
          config.share_layers, encodes ? "encoder" : "decoder", owner, i, more.empty() ? less : more);
    }
  }
}

}  // namespace heddle::model
