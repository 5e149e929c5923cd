#pragma once
// A model folder: config.json (Hugging Face keys and a `heddle` object), model.safetensors, tokenizer.json.

#include <filesystem>
#include <memory>

#include "heddle/model/encoder_decoder.h"

namespace heddle::model {

// A model with the table of its weights and one set of numbers. Not movable: modules and tapes know
// the addresses.
struct LoadedModel {
  explicit LoadedModel(const ModelConfig& model_config, DType dtype = DType::f32)
      : model(parameters, model_config), weights(parameters, dtype) {}
  LoadedModel(const LoadedModel&) = delete;

  nn::Parameters parameters;
  EncoderDecoder model;
  nn::WeightSet weights;
};

void save_config(const std::filesystem::path& folder, const ModelConfig& config);
ModelConfig load_config(const std::filesystem::path& folder);

// as_trained: all numbers as they are, to train on from. as_used: weights of int8 rows as I8, and their scales beside
// them as name.scale; a model that was loaded from it gives the same results.
enum class WeightForm : uint8_t { as_trained, as_used };

// All weights by name; tied ones once.
void save_weights(const std::filesystem::path& file, const nn::Parameters& parameters, const nn::WeightSet& weights,
                  WeightForm form = WeightForm::as_trained);
// Of either form. Throws InputError when a weight is missing, of another shape, or one too many.
void load_weights(const std::filesystem::path& file, const nn::Parameters& parameters, nn::WeightSet& weights);

std::unique_ptr<LoadedModel> load_model(const std::filesystem::path& folder);

}  // namespace heddle::model
