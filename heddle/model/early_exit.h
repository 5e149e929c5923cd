#pragma once
// Early exit: a prediction behind some decoder layers, model.exit_layers, by the norm and the output matrix that stand
// behind the last (Elhoushi et al. 2024, LayerSkip; Schuster et al. 2022, CALM): no weights.
//
// In training L = L_last + w·Σ L_exit, w = model.exit_weight. While decoding a token stops at the first exit whose most
// probable next token has at least the probability decode.exit_threshold. Its vector there stands for those of the
// layers that it skips: their keys and values are made of it, so that later tokens, which may go deeper, see this token
// in every layer, though not as the whole model would show it (Elbayad et al. 2020, depth-adaptive Transformer). An
// exit costs 2·d·V operations for each token that comes by.

#include <vector>

#include "heddle/model/config.h"

namespace heddle::model {

// The decoder layers with an exit, ascending, without the last. Throws InputError for a choice that names none.
std::vector<int64_t> exit_layers(const ModelConfig& config);

// Throws InputError where tokens of a model cannot exit early, each at another layer.
void check_can_exit(const ModelConfig& config, double threshold);

}  // namespace heddle::model
