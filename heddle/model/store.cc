#include "heddle/model/store.h"

#include <set>

#include <nlohmann/json.hpp>

#include "heddle/base/file.h"
#include "heddle/base/json_text.h"
#include "heddle/model/describe.h"
#include "heddle/model/safetensors.h"
#include "heddle/ops/int8_rows.h"

namespace heddle::model {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kLargestConfig = 16 << 20;
constexpr const char* kScale = ".scale";

Describe describer(ModelConfig& config) {
  return [&config](ConfigVisitor& visitor) { describe(config, visitor); };
}

}  // namespace

void save_config(const std::filesystem::path& folder, const ModelConfig& config) {
  ModelConfig copy = config;
  const bool both = config.kind == "encoder_decoder";
  Json json = {{"model_type", "heddle"},
               {"architectures", {both ? "HeddleEncoderDecoder" : "HeddleDecoder"}},
               {"is_encoder_decoder", both},
               {"d_model", config.width},
               {"vocab_size", config.vocab_size},
               {"decoder_layers", config.decoder_layers},
               {"max_position_embeddings", config.max_length},
               {"tie_word_embeddings", config.tie_embeddings}};
  if (both) json["encoder_layers"] = config.encoder_layers;
  json["heddle"] = Json::parse(config_as_json(describer(copy)));
  write_file_atomic(folder / "config.json", json.dump(2) + "\n");
}

ModelConfig load_config(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "config.json";
  const std::string text = read_file(file, kLargestConfig);
  if (const std::string problem = json_problem(text); !problem.empty()) fail_input("{} {}", file.string(), problem);
  const Json json = Json::parse(text);
  if (!json.is_object() || !json.contains("heddle"))
    fail_input("{} has no \"heddle\" object; expected a model folder that heddle wrote", file.string());
  ModelConfig config;
  read_json_config(json["heddle"].dump(), file.string(), describer(config));
  validate(config);
  if (config.vocab_size <= 0) fail_input("{}: heddle.vocab_size must be positive", file.string());
  return config;
}

void save_weights(const std::filesystem::path& file, const nn::Parameters& parameters, const nn::WeightSet& weights,
                  WeightForm form) {
  std::vector<NamedTensor> tensors;
  for (size_t i = 0; i < parameters.all().size(); ++i) {
    const nn::ParameterInfo& info = parameters.all()[i];
    const Tensor& weight = weights.of(static_cast<nn::ParameterId>(i));
    if (form == WeightForm::as_trained || !info.int8_rows) {
      tensors.push_back({info.name, weight});
      continue;
    }
    const ops::Int8Rows rows = ops::to_int8(weight);
    tensors.push_back({info.name, rows.values});
    tensors.push_back({info.name + kScale, rows.scales});
  }
  save_safetensors(file, tensors);
}

void load_weights(const std::filesystem::path& file, const nn::Parameters& parameters, nn::WeightSet& weights) {
  const Safetensors stored(file);
  std::set<std::string> scales_used;
  for (size_t i = 0; i < parameters.all().size(); ++i) {
    const nn::ParameterInfo& info = parameters.all()[i];
    const Tensor tensor = stored.at(info.name);
    if (!(tensor.shape() == info.shape))
      fail_input("{}: the weight {} has the shape {}, but the config asks for {}", file.string(), info.name,
                 tensor.shape().text(), info.shape.text());
    if (info.int8_rows && tensor.dtype() == DType::i8) {
      const Tensor scales = stored.at(info.name + kScale);
      if (!(scales.shape() == Shape{info.shape.rows()}) || scales.dtype() != DType::f32)
        fail_input("{}: {}{} is {} of shape {}, expected one f32 for each of {} rows", file.string(), info.name, kScale,
                   name_of(scales.dtype()), scales.shape().text(), info.shape.rows());
      scales_used.insert(info.name + kScale);
      ops::from_int8({tensor, scales}, weights.of(static_cast<nn::ParameterId>(i)));
      continue;
    }
    if (!is_float(tensor.dtype()))
      fail_input("{}: the weight {} holds {} numbers, expected floats", file.string(), info.name,
                 name_of(tensor.dtype()));
    copy_into(tensor, weights.of(static_cast<nn::ParameterId>(i)));
  }
  for (const std::string& name : stored.names())
    if (parameters.find(name) == nn::kNoParameter && !scales_used.contains(name))
      fail_input("{}: the weight {} is unknown to the config beside it", file.string(), name);
  weights.touch();
}

std::unique_ptr<LoadedModel> load_model(const std::filesystem::path& folder) {
  auto loaded = std::make_unique<LoadedModel>(load_config(folder));
  load_weights(folder / "model.safetensors", loaded->parameters, loaded->weights);
  return loaded;
}

}  // namespace heddle::model
