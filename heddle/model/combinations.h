#pragma once
// Which ideas make no sense together, by their traits (heddle/nn/idea.h): each refusal is a sentence that names two
// keys.

#include "heddle/model/config.h"

namespace heddle::model {

// Throws InputError. The layer's attention, norm, residual scheme and feed-forward network against each other and
// against the position scheme of the model.
void check_combination(const nn::LayerConfig& layer, const std::string& position, bool in_decoder, int64_t max_length);

// The sources of token vectors against each other, the model's width and its output layer.
void check_embedding(const ModelConfig& config, const nn::EmbeddingConfig& embedding);

// What the position keys of a model ask of each other and of its width.
// Whether cross-attention may stand where the config puts it.
void check_cross_place(const ModelConfig& config);

void check_positions(const ModelConfig& config);

}  // namespace heddle::model
