#include "heddle/model/layer_blocks.h"

namespace heddle::model {

namespace {

void refuse_to_repeat(const nn::LayerConfig& layer, int64_t blocks) {
  if (layer.feed_forward.kind == "moe")
    fail_input(
        "train.checkpoint_blocks = {} makes layers twice, and with them the balance loss of model.ffn_kind = \"moe\"; "
        "set train.checkpoint_blocks = 0",
        blocks);
  if (layer.self_attention.kind == "adaptive_span" && layer.self_attention.span_loss > 0)
    fail_input(
        "train.checkpoint_blocks = {} makes layers twice, and with them the loss of model.attention.kind = "
        "\"adaptive_span\"; set train.checkpoint_blocks = 0 or model.attention.span_loss = 0",
        blocks);
}

}  // namespace

void check_blocks(const ModelConfig& config, int64_t blocks) {
  if (blocks == 0) return;
  for (const Stack stack : {Stack::encoder, Stack::decoder}) {
    if (stack == Stack::encoder && config.kind == "decoder_only") continue;
    for (int64_t i = 0; i < (stack == Stack::encoder ? config.encoder_layers : config.decoder_layers); ++i)
      refuse_to_repeat(resolve_layer(config, stack, i), blocks);
  }
}

}  // namespace heddle::model
