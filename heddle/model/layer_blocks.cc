#include "heddle/model/layer_blocks.h"

namespace heddle::model {

void check_blocks(const ModelConfig& config, int64_t blocks) {
  if (blocks == 0) return;
  for (const Stack stack : {Stack::encoder, Stack::decoder})
    for (int64_t i = 0; i < (stack == Stack::encoder ? config.encoder_layers : config.decoder_layers); ++i)
      if (resolve_layer(config, stack, i).feed_forward.kind == "moe")
        fail_input(
            "train.checkpoint_blocks = {} makes layers twice, and with them the balance loss of model.ffn_kind = "
            "\"moe\"; set train.checkpoint_blocks = 0",
            blocks);
}

}  // namespace heddle::model
