#include "heddle/task/token_objective.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/data/batches/batch_ramp.h"
#include "heddle/ops/workspace.h"

namespace heddle::task {
namespace {

Tensor memory_of(const model::EncoderDecoder& model, const nn::Pass& pass, const data::TranslationBatch& batch) {
  return model.has_encoder() ? model.encode(pass, {batch.source.ids, batch.source.rows()}) : Tensor();
}

}  // namespace

TokenObjective::TokenObjective(const model::EncoderDecoder& model, std::unique_ptr<Examples> examples,
                               const train::TrainConfig& config)
    : model_(model),
      examples_(std::move(examples)),
      config_(config),
      loader_([this](int64_t number, Batch& batch) { make(number, batch); }, static_cast<int>(config.loader_threads)) {
  if (config_.batch_tokens_first > config_.batch_tokens)
    fail_input("train.batch_tokens_first = {} is more than train.batch_tokens = {}; batches grow, they do not shrink",
               config_.batch_tokens_first, config_.batch_tokens);
  seek({});
}

void TokenObjective::seek(train::DataPosition position) {
  loader_.stop();
  position_ = position;
  const data::BatchRamp ramp = {
      .from = config_.batch_tokens_first > 0 ? config_.batch_tokens_first : config_.batch_tokens,
      .to = config_.batch_tokens,
      .steps = config_.batch_ramp_epochs};
  plan_.emplace(examples_->open(position.epoch), ramp.batch_tokens(position.epoch), static_cast<uint64_t>(config_.seed),
                position.epoch);
  if (position.batch >= plan_->batches())
    fail_input("batch {} of epoch {} is to come next, but the epoch has {}; train on the data that the run began with",
               position.batch, position.epoch, plan_->batches());
  loader_.start(position.batch, plan_->batches());
}

void make_batch(const Examples& examples, const data::BatchPlan& plan, int64_t i, data::TranslationBatch& batch) {
  batch.clear();
  for (int32_t number : plan.batch(i)) examples.append_to(batch, number);
}

void TokenObjective::make(int64_t number, Batch& batch) const {
  make_batch(*examples_, *plan_, number, batch.whole);
  data::split(batch.whole, config_.accumulate, batch.pieces);
  batch.counts = {
      .source_tokens = batch.whole.source.tokens(),
      .target_tokens = std::ranges::count_if(batch.whole.target_out.ids, [](int32_t id) { return id >= 0; })};
  if (config_.r_drop > 0) std::ranges::for_each(batch.pieces, data::repeat);
}

train::BatchCounts TokenObjective::next_batch() {
  batch_ = loader_.next();
  if (++position_.batch == plan_->batches()) seek({position_.epoch + 1, 0});
  return batch_->counts;
}

Tensor TokenObjective::forward(int micro_batch, const nn::Pass& pass, double scale, train::LossSums& sums) {
  const data::TranslationBatch& batch = batch_->pieces[static_cast<size_t>(micro_batch)];
  const Rows memory_rows = model_.has_encoder() ? batch.source.rows() : Rows();
  const Tensor memory = memory_of(model_, pass, batch);
  const int copies = config_.r_drop > 0 ? 2 : 1;  // the loss is the mean of both
  const ops::OutputLoss loss = model_.training_loss(
      pass, {batch.target_in.ids, batch.target_in.rows()}, memory, memory_rows, batch.target_out.ids,
      {.smoothing = config_.label_smoothing,
       .convention =
           config_.smoothing_convention == "over_all" ? kernels::Smoothing::over_all : kernels::Smoothing::over_others,
       .scale = scale / copies,
       .consistency = config_.r_drop,
       .compute = pass.compute});
  sums.loss += loss.loss_sum / copies;
  sums.nll += loss.nll_sum / copies;
  sums.tokens += loss.tokens / copies;
  sums.correct += loss.correct / copies;
  return loss.loss;
}

void each_batch(Examples& examples, const std::function<void(const data::TranslationBatch& batch)>& use) {
  constexpr int64_t kBatch = 4096;
  const data::BatchPlan plan(examples.open(0), kBatch, 0, 0);
  Arena arena;
  data::TranslationBatch batch;
  for (int64_t b = 0; b < plan.batches(); ++b) {
    make_batch(examples, plan, b, batch);
    {
      const ops::Workspace workspace(arena);
      use(batch);
    }
    arena.reset();
  }
}

Tensor states_of(const model::EncoderDecoder& model, const nn::Pass& pass, const data::TranslationBatch& batch) {
  const data::PackedSequences& target = batch.target_in;
  return model.decode(pass, {target.ids, target.rows()}, memory_of(model, pass, batch),
                      model.has_encoder() ? batch.source.rows() : Rows());
}

}  // namespace heddle::task
