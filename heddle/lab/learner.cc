#include "heddle/lab/learner.h"

#include <algorithm>
#include <cmath>

#include "heddle/ops/tape.h"
#include "heddle/ops/workspace.h"

namespace heddle::lab {
namespace {

model::TokenStream stream(const data::PackedSequences& sequences) { return {sequences.ids, sequences.rows()}; }

}  // namespace

model::ModelConfig small_model(const std::string& kind, int64_t vocab, int64_t width, int64_t layers, int64_t heads) {
  model::ModelConfig config;
  config.kind = kind;
  config.width = width;
  config.encoder_layers = kind == "encoder_decoder" ? layers : 0;
  config.decoder_layers = layers;
  config.vocab_size = vocab;
  config.max_length = 512;
  config.layer.heads = heads;
  config.layer.ffn = 4 * width;
  config.layer.norm_place = "pre";
  config.layer.dropout = 0.0;
  return config;
}

train::TrainConfig small_training(double learning_rate) {
  train::TrainConfig config;
  config.learning_rate = learning_rate;
  config.schedule = "constant";
  config.warmup_steps = 20;
  config.label_smoothing = 0;
  return config;
}

Learner::Learner(const model::ModelConfig& config, const train::TrainConfig& train, uint64_t seed, DType dtype)
    : train_(train),
      seed_(seed),
      model_(parameters_, config),
      weights_(parameters_.make_set(dtype)),
      gradients_(parameters_, weights_),
      optimizer_(parameters_, weights_, train),
      schedule_{train.schedule, train.learning_rate, train.warmup_steps, train.max_steps, 0.0} {
  parameters_.initialize(weights_, seed);
}

nn::Pass Learner::pass(bool training, nn::Probe* probe) const {
  return {.parameters = parameters_,
          .weights = weights_,
          .random = {seed_, static_cast<uint64_t>(steps_), 0, 0},
          .training = training,
          .probe = probe};
}

Tensor Learner::forward(const data::TranslationBatch& batch, const nn::Pass& pass) const {
  Tensor memory;
  Rows memory_rows;
  if (model_.has_encoder()) {
    memory = model_.encode(pass, stream(batch.source));
    memory_rows = batch.source.rows();
  }
  return model_.decode(pass, stream(batch.target_in), memory, memory_rows);
}

ops::OutputLoss Learner::add_gradients(const data::TranslationBatch& batch, double scale, bool training,
                                       const StepExtras& extras) {
  ops::OutputLoss loss;
  {
    ops::Tape tape(arena_, {.eager_sink = &gradients_});
    nn::SideLosses side_losses;
    nn::Pass through = pass(training, extras.probe);
    through.side_losses = &side_losses;
    const auto convention =
        train_.smoothing_convention == "over_all" ? kernels::Smoothing::over_all : kernels::Smoothing::over_others;
    loss = model_.loss(
        through, forward(batch, through), batch.target_out.ids, batch.target_in.rows(),
        {.smoothing = train_.label_smoothing, .convention = convention, .scale = scale, .compute = through.compute});
    std::vector<ops::Seed> seeds = {{loss.loss, {}}};
    if (extras.loss) seeds.push_back({extras.loss(), {}});
    tape.backward(seeds, gradients_);
    loss.loss = {};
  }
  arena_.reset();
  return loss;
}

void Learner::apply_gradients() {
  ++steps_;
  optimizer_.step(gradients_, schedule_.rate(steps_));
}

double Learner::step(const data::TranslationBatch& batch, const StepExtras& extras) {
  gradients_.zero();
  const auto tokens =
      std::max<int64_t>(1, std::ranges::count_if(batch.target_out.ids, [](int32_t id) { return id >= 0; }));
  const ops::OutputLoss loss = add_gradients(batch, 1.0 / static_cast<double>(tokens), true, extras);
  apply_gradients();
  return loss.loss_sum / static_cast<double>(tokens);
}

double Learner::loss(const data::TranslationBatch& batch, nn::Probe* probe) const {
  const nn::Pass through = pass(false, probe);
  const ops::OutputLoss loss =
      model_.loss(through, forward(batch, through), batch.target_out.ids, batch.target_in.rows(), {});
  return loss.nll_sum / static_cast<double>(std::max<int64_t>(1, loss.tokens));
}

double Learner::accuracy(const data::TranslationBatch& batch, nn::Probe* probe) const {
  const nn::Pass through = pass(false, probe);
  const ops::OutputLoss loss =
      model_.loss(through, forward(batch, through), batch.target_out.ids, batch.target_in.rows(), {});
  return static_cast<double>(loss.correct) / static_cast<double>(std::max<int64_t>(1, loss.tokens));
}

Tensor Learner::encode(const data::PackedSequences& source, nn::Probe* probe) const {
  return model_.encode(pass(false, probe), stream(source));
}

void Learner::take_weights(const Learner& other) {
  copy_into(other.weights_.flat(), weights_.flat());
  weights_.touch();
}

Tensor Learner::states(const data::TranslationBatch& batch, nn::Probe* probe) const {
  return forward(batch, pass(false, probe));
}

Tensor Learner::log_probabilities(const data::TranslationBatch& batch, nn::Probe* probe) const {
  const nn::Pass through = pass(false, probe);
  return model_.log_probabilities(through, forward(batch, through), batch.target_in.rows());
}

}  // namespace heddle::lab
