#include "heddle/task/translation.h"

#include <algorithm>
#include <numeric>

#include "heddle/base/error.h"
#include "heddle/data/batches/batch_ramp.h"
#include "heddle/metrics/bleu.h"
#include "heddle/ops/workspace.h"
#include "heddle/task/translator.h"
#include "heddle/text/trainers/tokenizer_trainer.h"

namespace heddle::task {

TranslationObjective::TranslationObjective(const model::EncoderDecoder& model, const data::TranslationSet& set,
                                           int32_t begin_id, const train::TrainConfig& config,
                                           TextOfEpoch text_of_epoch)
    : model_(model), set_(set), text_of_epoch_(std::move(text_of_epoch)), begin_id_(begin_id), config_(config) {
  if (config_.batch_tokens_first > config_.batch_tokens)
    fail_input("train.batch_tokens_first = {} is more than train.batch_tokens = {}; batches grow, they do not shrink",
               config_.batch_tokens_first, config_.batch_tokens);
  seek({});
}

void TranslationObjective::seek(train::DataPosition position) {
  position_ = position;
  if (text_of_epoch_ && drawn_epoch_ != position.epoch) {
    drawn_ = text_of_epoch_(position.epoch);
    drawn_epoch_ = position.epoch;
  }
  const data::BatchRamp ramp = {
      .from = config_.batch_tokens_first > 0 ? config_.batch_tokens_first : config_.batch_tokens,
      .to = config_.batch_tokens,
      .steps = config_.batch_ramp_epochs};
  plan_.emplace(set(), ramp.batch_tokens(position.epoch), static_cast<uint64_t>(config_.seed), position.epoch);
}

train::BatchCounts TranslationObjective::next_batch() {
  batch_.clear();
  // The number in the global data keys the dropout, whatever the batch.
  for (int32_t example : plan_->batch(position_.batch)) set().append_to(batch_, example, example, begin_id_);
  data::split(batch_, config_.accumulate, pieces_);
  const train::BatchCounts counts = {batch_.source.tokens(), batch_.target_out.tokens()};
  if (config_.r_drop > 0) std::ranges::for_each(pieces_, data::repeat);
  if (++position_.batch == plan_->batches()) seek({position_.epoch + 1, 0});
  return counts;
}

Tensor TranslationObjective::forward(int micro_batch, const nn::Pass& pass, double scale, train::LossSums& sums) {
  const data::TranslationBatch& batch = pieces_[static_cast<size_t>(micro_batch)];
  const Tensor memory = model_.encode(pass, {batch.source.ids, batch.source.rows()});
  const Tensor states = model_.decode(pass, {batch.target_in.ids, batch.target_in.rows()}, memory, batch.source.rows());
  const int copies = config_.r_drop > 0 ? 2 : 1;  // the loss is the mean of both
  const ops::OutputLoss loss =
      model_.loss(pass, states, batch.target_out.ids, batch.target_in.rows(),
                  {.smoothing = config_.label_smoothing,
                   .convention = config_.smoothing_convention == "over_all" ? kernels::Smoothing::over_all
                                                                            : kernels::Smoothing::over_others,
                   .scale = scale / copies,
                   .consistency = config_.r_drop,
                   .compute = pass.compute});
  sums.loss += loss.loss_sum / copies;
  sums.nll += loss.nll_sum / copies;
  sums.tokens += loss.tokens / copies;
  sums.correct += loss.correct / copies;
  return loss.loss;
}

TranslationValidator::TranslationValidator(const model::EncoderDecoder& model, const text::Tokenizer& tokenizer,
                                           const Recipe& recipe, std::vector<data::TextPair> pairs)
    : model_(model), tokenizer_(tokenizer), recipe_(recipe), pairs_(std::move(pairs)) {
  std::erase_if(pairs_, [](const data::TextPair& pair) { return pair.source.empty() || pair.target.empty(); });
  if (std::ssize(pairs_) > recipe.decode.validation_lines)
    pairs_.resize(static_cast<size_t>(recipe.decode.validation_lines));
  const data::Encode encode = [&](std::string_view text) { return tokenizer.encode(text); };
  const int64_t longest = recipe.model.max_length - 1;
  set_ = data::encode_pairs(pairs_, encode, encode, {.max_source_tokens = longest, .max_target_tokens = longest}).set;
  if (set_.size() == 0)
    fail_input(
        "no validation pair is left: every line of {} or {} is empty, or longer than model.max_length ({} tokens)",
        recipe.data.valid_source, recipe.data.valid_target.empty() ? "its second column" : recipe.data.valid_target,
        recipe.model.max_length);
}

double TranslationValidator::mean_nll(const nn::Pass& pass) const {
  constexpr int64_t kBatch = 4096;
  const data::BatchPlan plan(set_, kBatch, 0, 0);
  Arena arena;
  data::TranslationBatch batch;
  double nll = 0;
  int64_t tokens = 0;
  for (int64_t b = 0; b < plan.batches(); ++b) {
    batch.clear();
    for (int32_t i : plan.batch(b)) set_.append_to(batch, i, i, *tokenizer_.begin_id());
    {
      const ops::Workspace workspace(arena);
      const Tensor memory = model_.encode(pass, {batch.source.ids, batch.source.rows()});
      const Tensor states =
          model_.decode(pass, {batch.target_in.ids, batch.target_in.rows()}, memory, batch.source.rows());
      const ops::OutputLoss loss = model_.loss(pass, states, batch.target_out.ids, batch.target_in.rows(), {});
      nll += loss.nll_sum;
      tokens += loss.tokens;
    }
    arena.reset();
  }
  return nll / static_cast<double>(std::max<int64_t>(1, tokens));
}

train::Validation TranslationValidator::validate(const nn::Parameters& parameters, const nn::WeightSet& weights) {
  const nn::Pass pass = {.parameters = parameters, .weights = weights, .random = {}};
  std::vector<std::vector<int32_t>> sources;
  for (const data::TextPair& pair : pairs_) {
    sources.push_back(tokenizer_.encode(pair.source));
    if (std::ssize(sources.back()) >= model_.config().max_length)
      sources.back().resize(static_cast<size_t>(model_.config().max_length - 1));
  }
  DecodeConfig decode = recipe_.decode;
  decode.beam = recipe_.decode.validation_beam;
  const auto options =
      beam_options(decode, *tokenizer_.begin_id(), *tokenizer_.end_id(), tokenizer_.pad_id().value_or(-1));
  const auto found = decode_sources(model_, pass, sources, options, decode.batch_tokens);
  std::vector<std::string> hypotheses;
  std::vector<std::vector<std::string>> references(1);
  int64_t exact = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    hypotheses.push_back(tokenizer_.decode(found[i][0].tokens));
    references[0].push_back(pairs_[i].target);
    exact += hypotheses.back() == pairs_[i].target;
  }
  train::Validation result;
  result.loss = mean_nll(pass);
  result.score_name = recipe_.metric;
  result.score = recipe_.metric == "exact"
                     ? 100.0 * static_cast<double>(exact) / static_cast<double>(std::max<size_t>(1, found.size()))
                     : metrics::bleu(hypotheses, references).score;
  return result;
}

text::Tokenizer train_tokenizer(const std::vector<data::TextPair>& pairs, const TokenizerConfig& config) {
  text::TokenizerRecipe recipe = config.trained;
  recipe.special_tokens = {"<pad>", "<s>", "</s>", "<unk>"};  // whatever is usual for the type
  if (config.coverage > 0) recipe.coverage = config.coverage;
  if (!config.split.empty()) recipe.splits = {config.split};
  text::TokenizerTrainer trainer(recipe, 2);
  for (const data::TextPair& pair : pairs) {
    trainer.add(pair.source, 0);
    trainer.add(pair.target, 1);
  }
  text::Tokenizer tokenizer = trainer.train();
  const bool joins = recipe.type == "bpe" || recipe.type == "char-bpe" || recipe.type == "wordpiece";
  if (joins && tokenizer.vocab_size() < recipe.vocab_size)
    fail_input(
        "the data gives only {} tokens, not the {} asked for; lower tokenizer.vocab_size or tokenizer.min_frequency, "
        "or "
        "give more text",
        tokenizer.vocab_size(), recipe.vocab_size);
  return tokenizer;
}

}  // namespace heddle::task
