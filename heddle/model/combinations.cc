#include "heddle/model/combinations.h"

#include "heddle/nn/position/factory.h"

namespace heddle::model {
namespace {

void check_attention(const nn::AttentionConfig& attention, std::string_view position) {
  nn::attentions::find_score(attention.score);
  nn::attentions::find_projection(attention.projection);
  const std::string& projection = attention.projection;
  if (projection == "grouped" && (attention.key_heads < 1 || attention.heads % attention.key_heads != 0))
    fail_input(
        "model.attention.projection = \"grouped\" needs model.attention.key_heads that divide model.heads = {}, got {}",
        attention.heads, attention.key_heads);
  if (projection == "value_only") {
    if (attention.score != "scaled_dot")
      fail_input(
          "model.attention.score = \"{}\" needs queries, and model.attention.projection = \"value_only\" has none",
          attention.score);
    if (attention.qk_norm != "none")
      fail_input(
          "model.attention.qk_norm = \"{}\" needs queries, and model.attention.projection = \"value_only\" has none",
          attention.qk_norm);
    if (nn::positions::find(position).idea.traits.needs_query)
      fail_input("model.position = \"{}\" needs queries, and model.attention.projection = \"value_only\" has none",
                 position);
  }
  if (attention.score == "cosine" && attention.qk_norm != "none")
    fail_input("model.attention.score = \"cosine\" normalizes already what model.attention.qk_norm = \"{}\" would",
               attention.qk_norm);
  if (attention.qk_norm != "none" && attention.qk_norm != "layer" && attention.qk_norm != "rms")
    fail_input("model.attention.qk_norm = \"{}\" is unknown; choose none, layer or rms", attention.qk_norm);
}

void check_norm(const nn::LayerConfig& layer, bool in_decoder, int64_t max_length) {
  const nn::Idea& norm = nn::norms::find(layer.step.norm.kind).idea;
  if (in_decoder && !norm.traits.causal_safe && !layer.self_attention.mask.looks_ahead(max_length))
    fail_input(
        "model.norm = \"{}\" looks at later tokens, which model.attention.mask hides in the decoder; choose another "
        "model.decoder.norm",
        norm.name);
  if (norm.name == "group" && layer.step.norm.groups > 0 && layer.width % layer.step.norm.groups != 0)
    fail_input("model.norm_groups = {} does not divide model.width = {}; choose a divisor", layer.step.norm.groups,
               layer.width);
}

void check_residual(const nn::ResidualStepConfig& step) {
  nn::residuals::find(step.residual.kind);
  if (step.residual.kind == "deepnorm" && step.norm_place != nn::NormPlace::post)
    fail_input(
        "model.residual = \"deepnorm\" makes x large for the norm of the sum, which model.norm_place puts elsewhere; "
        "choose model.norm_place = \"post\"");
  if (step.residual.kind == "parallel" && step.norm_place != nn::NormPlace::pre)
    fail_input(
        "model.residual = \"parallel\" has one norm, before all branches of a layer, which model.norm_place puts "
        "elsewhere; choose model.norm_place = \"pre\"");
}

}  // namespace

void check_combination(const nn::LayerConfig& layer, const std::string& position, bool in_decoder, int64_t max_length) {
  nn::feedforward::find(layer.feed_forward.kind);
  check_attention(layer.self_attention, position);
  if (in_decoder) check_attention(layer.cross_attention, "none");
  check_norm(layer, in_decoder, max_length);
  check_residual(layer.step);
  if (position == "rope" && layer.self_attention.of_head() % 2 != 0)
    fail_input(
        "model.position = \"rope\" turns pairs of numbers, but model.head_width comes to {}; choose an even width of "
        "heads",
        layer.self_attention.of_head());
}

void check_positions(const ModelConfig& config) {
  nn::positions::find(config.position);
  if ((config.position == "sinusoidal" || config.position == "transformer_xl") && config.width % 2 != 0)
    fail_input(
        "model.width = {} is odd, but sinusoidal positions need pairs; choose an even width or "
        "another model.position",
        config.width);
  const nn::RopeScaling& rope = config.rope;
  if (rope.kind != "none" && config.position != "rope")
    fail_input("model.rope.scaling = \"{}\" is of rotary positions, but model.position = \"{}\"", rope.kind,
               config.position);
  if (rope.kind == "none" && rope.factor != 1)
    fail_input("model.rope.factor = {} needs model.rope.scaling to say how; choose linear, ntk or yarn", rope.factor);
  if (rope.kind != "none" && rope.kind != "linear" && rope.kind != "ntk" && rope.kind != "yarn")
    fail_input("model.rope.scaling = \"{}\" is unknown; choose none, linear, ntk or yarn", rope.kind);
  if (config.position_distance != 0 && config.position != "t5_bias" && config.position != "shaw")
    fail_input("model.position_distance = {} is of t5_bias and shaw, but model.position = \"{}\"",
               config.position_distance, config.position);
  if (config.position == "t5_bias" && config.position_distance != 0 && config.position_distance <= 16)
    fail_input("model.position_distance = {} leaves model.position = \"t5_bias\" no far buckets; choose more than 16",
               config.position_distance);
}

}  // namespace heddle::model
