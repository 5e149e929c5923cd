#include "heddle/train/trainer.h"

#include <cmath>

#include "heddle/base/clock.h"
#include "heddle/base/interrupt.h"
#include "heddle/base/log.h"
#include "heddle/base/progress.h"
#include "heddle/model/safetensors.h"
#include "heddle/model/store.h"
#include "heddle/train/average.h"

namespace heddle::train {
namespace {

Schedule schedule_of(const TrainConfig& c) {
  return {
      .kind = c.schedule, .peak = c.learning_rate, .warmup = c.warmup_steps, .last_step = c.max_steps, .floor = 0.0};
}

}  // namespace

Trainer::Trainer(const Parts& parts, const TrainConfig& config, ops::Compute compute)
    : parts_(parts),
      config_(config),
      compute_(compute),
      schedule_(schedule_of(config)),
      checkpoints_(parts.folder / "checkpoints"),
      optimizer_(parts.parameters, parts.weights, config),
      gradients_(parts.parameters, parts.weights),
      log_(parts.folder),
      part_began_(steady_seconds()),
      part_began_cpu_(process_cpu_seconds()) {
  if (config.log_noise_scale && config.accumulate < 2)
    fail_input(
        "train.log_noise_scale compares the gradient of a piece of the batch with that of the whole; set "
        "train.accumulate to at least 2, it is {}",
        config.accumulate);
  if (config.ema_decay > 0 && config.average_last > 0)
    fail_input(
        "train.ema_decay and train.average_last both average weights over steps; set one of them to 0, they are {} and "
        "{}",
        config.ema_decay, config.average_last);
  if (config.ema_decay > 0) average_.emplace(parts.parameters, parts.weights, config.ema_decay);
}

double Trainer::seconds() const { return seconds_before_ + steady_seconds() - part_began_; }

double Trainer::cpu_seconds() const { return cpu_seconds_before_ + process_cpu_seconds() - part_began_cpu_; }

MetricsLine Trainer::step() {
  const double began = steady_seconds();
  const BatchCounts counts = parts_.objective.next_batch();
  const double scale = 1.0 / static_cast<double>(std::max<int64_t>(1, counts.target_tokens));
  gradients_.zero();
  LossSums sums;
  FirstPiece first;
  for (int micro = 0; micro < parts_.objective.micro_batches(); ++micro) {
    {
      ops::NarrowPolicy narrow;  // what products read as bfloat16 is kept so
      ops::Tape tape(arena_, {.policy = compute_ == ops::Compute::bf16 ? &narrow : nullptr, .eager_sink = &gradients_});
      nn::SideLosses side_losses;
      const nn::Pass pass = {.parameters = parts_.parameters,
                             .weights = parts_.weights,
                             .random = {static_cast<uint64_t>(config_.seed), static_cast<uint64_t>(state_.step), 0, 0},
                             .training = true,
                             .compute = compute_,
                             .side_losses = &side_losses,

                             .checkpoint_blocks = config_.checkpoint_blocks};
      const Tensor loss = parts_.objective.forward(micro, pass, scale, sums);
      const ops::Seed seed{loss, {}};
      tape.backward({&seed, 1}, gradients_);
    }
    arena_.reset();
    if (config_.log_noise_scale && micro == 0) first = {nn::sum_of_squares(gradients_.flat()), sums.tokens};
  }
  if (config_.log_noise_scale) add_noise(first, counts.target_tokens);
  const double rate = schedule_.rate(state_.step + 1);
  const double mean = sums.loss * scale;
  if (!std::isfinite(mean)) fail_nonfinite(mean);
  const double norm = optimizer_.step(gradients_, rate);
  if (!std::isfinite(norm)) fail_nonfinite(mean);
  ++state_.step;
  if (average_) average_->add(parts_.weights, state_.step);
  state_.position = parts_.objective.position();
  state_.source_tokens += counts.source_tokens;
  state_.target_tokens += counts.target_tokens;
  return {.step = state_.step,
          .seconds = seconds(),
          .loss = mean,
          .source_tokens = state_.source_tokens,
          .target_tokens = state_.target_tokens,
          .tokens_per_second = static_cast<double>(counts.target_tokens) / (steady_seconds() - began),
          .learning_rate = rate,
          .grad_norm = norm,
          .has_noise_scale = config_.log_noise_scale,
          .noise_scale = noise_.scale()};
}

void Trainer::add_noise(const FirstPiece& first, int64_t tokens) {
  const double whole = nn::sum_of_squares(gradients_.flat());
  if (first.tokens <= 0 || !std::isfinite(whole)) return;
  // Its gradient was divided by the tokens of the batch.
  const double to_mean = static_cast<double>(tokens) / static_cast<double>(first.tokens);
  noise_.add(first.norm_squared * to_mean * to_mean, static_cast<double>(first.tokens), whole,
             static_cast<double>(tokens));
}

void Trainer::fail_nonfinite(double loss) const {
  const std::string name = first_nonfinite(parts_.parameters, gradients_);
  const auto last = checkpoints_.newest([](const std::string&) {});
  throw Error(
      fmt::format("training stopped at step {}: the loss is {} and the gradient of {} is not finite; the last good "
                  "checkpoint is {}; lower train.learning_rate or train.clip_norm",
                  state_.step + 1, loss, name.empty() ? "no weight" : name, last ? last->path.string() : "none"));
}

void Trainer::resume() {
  checkpoints_.remove_leftovers();
  const auto found = checkpoints_.newest([](const std::string& why) { log_warning("{}", why); });
  if (!found) return;
  state_ = found->state;
  model::load_weights(found->path / "model.safetensors", parts_.parameters, parts_.weights);
  const model::Safetensors moments(found->path / "optimizer.safetensors");
  copy_into(moments.at("first"), optimizer_.first());
  copy_into(moments.at("second"), optimizer_.second());
  optimizer_.set_steps(state_.step);
  if (average_) {
    const std::filesystem::path file = found->path / "ema.safetensors";
    // Switched on in the middle of a run, it starts from the weights there.
    if (std::filesystem::exists(file)) model::load_weights(file, parts_.parameters, average_->weights());
    else average_->weights().copy_from(parts_.weights);
  }
  parts_.objective.seek(state_.position);
  seconds_before_ = state_.seconds;
  cpu_seconds_before_ = state_.cpu_seconds;
  part_began_ = steady_seconds();
  part_began_cpu_ = process_cpu_seconds();
  log_.forget_after(state_.step);
}

void Trainer::save(bool finished) {
  state_.seconds = seconds();
  state_.cpu_seconds = cpu_seconds();
  state_.finished = finished;
  try {
    checkpoints_.save(
        state_,
        [&](const std::filesystem::path& directory) {
      model::save_weights(directory / "model.safetensors", parts_.parameters, parts_.weights);
      model::save_safetensors(directory / "optimizer.safetensors",
                              {{"first", optimizer_.first()}, {"second", optimizer_.second()}});
      if (average_) model::save_weights(directory / "ema.safetensors", parts_.parameters, average_->weights());
        },
        std::max(config_.keep_last, config_.average_last + 1));
    last_save_failed_ = false;
  } catch (const SystemError& error) {
    log_warning("{}; the older checkpoints stay", error.what());
    last_save_failed_ = true;
  }
}

void Trainer::validate() {
  if (!parts_.validator) return;
  const Validation found = parts_.validator->validate(parts_.parameters, model());
  log_.add(state_.step, seconds(), found);
  log_.draw();
  state_.score_name = found.score_name;
  state_.lower_is_better = found.lower_is_better;
  const bool better = state_.best_step == 0 ? std::isfinite(found.score) : found.beats(state_.best_score);
  log_info("step {}: validation loss {:.4f}, {} {:.2f}{}", state_.step, found.loss, found.score_name, found.score,
           better ? " (best so far)" : "");
  ++state_.validations_since_best;
  if (!better) return;
  publish(model());
  if (last_publish_failed_) return;  // the next validation tries again
  state_.best_score = found.score;
  state_.best_step = state_.step;
  state_.validations_since_best = 0;
}

void Trainer::take_snapshot() {
  try {
    parts_.snapshot(state_.step);
  } catch (const SystemError& error) {
    log_warning("{}; this snapshot of attention is missing", error.what());
  }
}

void Trainer::publish(const nn::WeightSet& weights) {
  try {
    parts_.publish(weights);
    last_publish_failed_ = false;
  } catch (const SystemError& error) {
    log_warning("{}; the model before stays", error.what());
    last_publish_failed_ = true;
  }
}

bool Trainer::budget_left() const {
  return state_.step < config_.max_steps && seconds() < 60 * config_.max_minutes &&
         static_cast<double>(state_.position.epoch) < config_.max_epochs &&
         (config_.patience == 0 || state_.validations_since_best < config_.patience);
}

Outcome Trainer::outcome() const {
  return {state_, interrupt_signal(), last_save_failed_ || last_publish_failed_, parts_.parameters.parameter_count(),
          static_cast<int64_t>(arena_.peak_bytes())};
}

Outcome Trainer::run() {
  std::filesystem::create_directories(parts_.folder);
  part_began_ = steady_seconds();
  part_began_cpu_ = process_cpu_seconds();
  const double total_minutes = 60 * config_.max_minutes, total_steps = static_cast<double>(config_.max_steps);
  const auto done_share = [&] {
    const double epochs =
        config_.max_epochs < 1e6 ? static_cast<double>(state_.position.epoch) / config_.max_epochs : 0.0;
    return std::max({static_cast<double>(state_.step) / total_steps, seconds() / total_minutes, epochs});
  };
  Progress progress(1.0, done_share());
  double logged_seconds = seconds();
  int64_t logged_tokens = state_.target_tokens, lines = 0;
  double loss_sum = 0;
  while (budget_left() && interrupt_signal() == 0) {
    MetricsLine line = step();
    loss_sum += line.loss;
    ++lines;
    progress.update(done_share(), fmt::format("step {}  loss {:.4f}  rate {:.2e}  {:.0f} tokens/s", line.step,
                                              line.loss, line.learning_rate, line.tokens_per_second));
    if (state_.step % config_.log_every == 0) {
      line.loss = loss_sum / static_cast<double>(lines);
      line.tokens_per_second =
          static_cast<double>(state_.target_tokens - logged_tokens) / std::max(1e-9, line.seconds - logged_seconds);
      log_.add(line);
      logged_seconds = line.seconds;
      logged_tokens = state_.target_tokens;
      loss_sum = 0;
      lines = 0;
    }
    if (state_.step % config_.validate_every == 0) {
      progress.pause();
      validate();
    }
    if (parts_.snapshot && config_.attention_every > 0 && state_.step % config_.attention_every == 0) take_snapshot();
    const bool goes_on = budget_left() && interrupt_signal() == 0;  // else a last save follows
    if (goes_on && state_.step % config_.save_every == 0) save(false);
  }
  progress.pause();
  if (interrupt_signal() != 0) save(false);
  else finish();
  log_.draw();
  return outcome();
}

void Trainer::finish() {
  if (state_.step % config_.validate_every != 0) validate();
  save(true);
  if (config_.average_last > 0) publish_average();
  else if (!parts_.validator) publish(model());
}

void Trainer::publish_average() {
  // A checkpoint that only an interruption left would make the average depend on it.
  std::vector<std::filesystem::path> files;
  for (const auto& [path, step] : checkpoints_.all())
    if (step % config_.save_every == 0 || step == state_.step) files.push_back(path);
  if (std::ssize(files) > config_.average_last) files.erase(files.begin(), files.end() - config_.average_last);
  if (files.empty()) return;  // no save succeeded
  const nn::WeightSet average = average_of(files, parts_.parameters);
  if (parts_.validator) {
    const Validation found = parts_.validator->validate(parts_.parameters, average);
    log_info("average of the last {} checkpoints: validation loss {:.4f}, {} {:.2f}", files.size(), found.loss,
             found.score_name, found.score);
    if (state_.best_step > 0 && found.score != state_.best_score && !found.beats(state_.best_score))
      return;  // the best single model stays
  }
  publish(average);
}

}  // namespace heddle::train
