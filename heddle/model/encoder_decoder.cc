#include "heddle/model/encoder_decoder.h"

#include "heddle/model/early_exit.h"
#include "heddle/model/layer_blocks.h"
#include "heddle/model/layer_sharing.h"
#include "heddle/ops/log_softmax.h"
#include "heddle/ops/residual_streams.h"
#include "heddle/ops/transposed_linear.h"

namespace heddle::model {
namespace {

// The norm behind a stack; null where its last layer ends with one.
std::unique_ptr<nn::Norm> final_norm_of(nn::Parameters& parameters, const ModelConfig& config, Stack stack,
                                        int64_t layers, const std::string& name) {
  if (layers == 0) return nullptr;
  const nn::LayerConfig last = resolve_layer(config, stack, layers - 1);
  return last.ends_with_sum() ? nn::norms::make({parameters, name}, last.step.norm) : nullptr;
}

// The scheme that the layers of a stack share; null: none.
std::shared_ptr<const nn::Position> position_of(nn::Parameters& parameters, const ModelConfig& config, Stack stack,
                                                const std::string& name) {
  const nn::PositionConfig shared = shared_position(config, stack);
  if (shared.kind == "none") return nullptr;
  return nn::positions::make({parameters, name}, shared);
}

// The named points between the layers of a stack.
struct Observed {
  const nn::Pass& pass;
  const char* stack;
  const Rows& rows;

  Tensor operator()(const char* point, const Tensor& value) const {
    return nn::observer(pass) ? nn::observer(pass)->at(fmt::format("{}.{}", stack, point), value, rows) : value;
  }
  Tensor layer(size_t i, const Tensor& value) const {
    return nn::observer(pass) ? nn::observer(pass)->at(fmt::format("{}.layers.{}.state", stack, i), value, rows)
                              : value;
  }
};

}  // namespace

EncoderDecoder::EncoderDecoder(nn::Parameters& parameters, const ModelConfig& config)
    : config_(config),
      target_embedding_(parameters, config.tie_embeddings ? "embedding" : "decoder.embedding",
                        embedding_config(config, Stack::decoder)) {
  validate(config);
  HEDDLE_CHECK(config.vocab_size > 0, "a model needs a vocabulary; vocab_size is {}", config.vocab_size);
  if (config.kind == "encoder_decoder") {
    if (config.tie_embeddings) parameters.share("encoder.embedding.source0", "embedding.source0");
    source_embedding_.emplace_back(parameters, "encoder.embedding", embedding_config(config, Stack::encoder),
                                   config.tie_embeddings ? target_embedding_.table() : nn::kNoParameter);
    parameters.share("", "");
    const auto position = position_of(parameters, config, Stack::encoder, "encoder.position");
    make_layers(parameters, config, "encoder", config.encoder_layers, [&](const std::string& name, int64_t i) {
      encoder_.emplace_back(parameters, name, static_cast<int>(i), resolve_layer(config, Stack::encoder, i), position);
    });
    encoder_norm_ = final_norm_of(parameters, config, Stack::encoder, config.encoder_layers, "encoder.norm");
  }
  const auto position = position_of(parameters, config, Stack::decoder, "decoder.position");
  make_layers(parameters, config, "decoder", config.decoder_layers, [&](const std::string& name, int64_t i) {
    decoder_.emplace_back(parameters, name, static_cast<int>(i), resolve_layer(config, Stack::decoder, i),
                          !source_embedding_.empty(), position);
  });
  exits_ = exit_layers(config);
  encoder_streams_ = residual_streams(config, Stack::encoder);
  decoder_streams_ = residual_streams(config, Stack::decoder);
  decoder_norm_ = final_norm_of(parameters, config, Stack::decoder, config.decoder_layers, "decoder.norm");
  if (config.tie_embeddings) {
    const nn::TiedOutput tied = target_embedding_.tied_output();
    output_weight_ = tied.table;
    output_projection_ = tied.projection;
    parameters.alias("output.weight", output_weight_);
    if (output_projection_ != nn::kNoParameter) parameters.alias("output.projection.weight", output_projection_);
  } else
    output_weight_ = parameters.declare({.name = "output.weight",
                                         .role = "output",
                                         .shape = {config.vocab_size, config.width},
                                         .init = nn::Init::xavier()});
  output_bias_ = parameters.declare(
      {.name = "output.bias", .role = "output", .shape = {config.vocab_size}, .init = nn::Init::zeros()});
}

Tensor EncoderDecoder::encode(const nn::Pass& pass, const TokenStream& source) const {
  const Observed at{pass, "encoder", source.rows};
  Tensor x = at("embedded", source_embedding_[0].forward(pass, source.ids, source.rows));
  x = enter_layers(x, source.rows, Stack::encoder);
  x = through_layers(pass, x, {}, source.rows, 0, encoder_.size(),
                     [this, rows = source.rows](const nn::Pass& of, const Tensor& in, const Tensor&, size_t i) {
    return Observed{of, "encoder", rows}.layer(i, encoder_[i].forward(of, in, rows));
  });
  return at("states", final_norm(pass, x, source.rows, Stack::encoder));
}

Tensor EncoderDecoder::decode(const nn::Pass& pass, const TokenStream& target, const Tensor& memory,
                              const Rows& memory_rows, std::vector<Tensor>* exits) const {
  const Observed at{pass, "decoder", target.rows};
  Tensor x = at("embedded", target_embedding_.forward(pass, target.ids, target.rows));
  x = enter_layers(x, target.rows, Stack::decoder);
  const auto layer =
      [this, rows = target.rows, memory_rows](const nn::Pass& of, const Tensor& in, const Tensor& read, size_t i) {
    return Observed{of, "decoder", rows}.layer(i, decoder_[i].forward(of, in, rows, read, memory_rows));
  };
  size_t first = 0;
  for (const int64_t exit : exits ? exits_ : std::vector<int64_t>{}) {
    const auto end = static_cast<size_t>(exit) + 1;
    x = through_layers(pass, x, memory, target.rows, first, end, layer);
    exits->push_back(final_norm(pass, x, target.rows, Stack::decoder));
    first = end;
  }
  x = through_layers(pass, x, memory, target.rows, first, decoder_.size(), layer);
  return at("states", final_norm(pass, x, target.rows, Stack::decoder));
}

Tensor EncoderDecoder::enter_layers(const Tensor& embedded, const Rows& rows, Stack stack) const {
  const int64_t streams = stack == Stack::encoder ? encoder_streams_ : decoder_streams_;
  return streams > 1 ? ops::into_streams(embedded, streams, rows) : embedded;
}

Tensor EncoderDecoder::final_norm(const nn::Pass& pass, const Tensor& x, const Rows& rows, Stack stack) const {
  const int64_t streams = stack == Stack::encoder ? encoder_streams_ : decoder_streams_;
  const Tensor one = streams > 1 ? ops::mean_of_streams(x, streams, rows) : x;
  const auto& norm = stack == Stack::encoder ? encoder_norm_ : decoder_norm_;
  return norm ? norm->forward(pass, one, rows) : one;
}

Tensor EncoderDecoder::before_output(const nn::Pass& pass, const Tensor& states, const Rows& rows) const {
  if (output_projection_ == nn::kNoParameter) return states;
  return ops::transposed_linear(states, nn::weight(output_projection_, pass).dense(), rows, pass.compute);
}

void EncoderDecoder::learn_tokens(const nn::TokenFacts& facts, nn::WeightSet& weights) const {
  target_embedding_.learn_tokens(facts, weights);
  for (const nn::TokenEmbedding& embedding : source_embedding_) embedding.learn_tokens(facts, weights);
}

ops::OutputLoss EncoderDecoder::loss(const nn::Pass& pass, const Tensor& states, std::span<const int32_t> targets,
                                     const Rows& rows, const ops::OutputLossOptions& options) const {
  ops::OutputLoss found = ops::output_loss(before_output(pass, states, rows), nn::weight(output_weight_, pass).dense(),
                                           nn::weight(output_bias_, pass).dense(), targets, rows, options);
  if (!pass.side_losses) return found;
  const auto tokens = static_cast<double>(found.tokens);
  const auto [loss, of_side] = pass.side_losses->add_to(found.loss, options.scale * tokens);
  found.loss = loss;
  found.loss_sum += tokens * of_side;
  return found;
}

ops::OutputLoss EncoderDecoder::training_loss(const nn::Pass& pass, const TokenStream& target, const Tensor& memory,
                                              const Rows& memory_rows, std::span<const int32_t> targets,
                                              const ops::OutputLossOptions& options) const {
  std::vector<Tensor> exits;
  const Tensor states = decode(pass, target, memory, memory_rows, &exits);
  ops::OutputLoss whole = loss(pass, states, targets, target.rows, options);
  ops::OutputLossOptions weighed = options;
  weighed.scale *= config_.exit_weight;
  for (const Tensor& exit : exits) {
    const ops::OutputLoss one = loss(pass, exit, targets, target.rows, weighed);
    whole.loss = ops::residual_add(one.loss, {}, whole.loss, {}, {});
    whole.loss_sum += config_.exit_weight * one.loss_sum;
  }
  return whole;
}

Tensor EncoderDecoder::log_probabilities(const nn::Pass& pass, const Tensor& states, const Rows& rows) const {
  Tensor logits = nn::weight(output_weight_, pass)
                      .product(before_output(pass, states, rows), nn::weight(output_bias_, pass).dense(), rows,
                               {.compute = pass.compute});
  return ops::log_softmax(std::move(logits), rows);
}

}  // namespace heddle::model
