#include "heddle/task/train_translation.h"

#include <unistd.h>

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/base/memory.h"
#include "heddle/base/thread_loop.h"
#include "heddle/inspect/attention_snapshots.h"
#include "heddle/kernels/matmul.h"
#include "heddle/kernels/simd.h"
#include "heddle/model/store.h"
#include "heddle/task/resampled_text.h"
#include "heddle/task/translation.h"

namespace heddle::task {
namespace {

namespace fs = std::filesystem;

data::ParallelFiles files_of(const DataConfig& c, const std::string& source, const std::string& target) {
  return {data::find_data_file(c.dir, source), target.empty() ? fs::path() : data::find_data_file(c.dir, target),
          c.source_column, c.target_column};
}

std::vector<data::TextPair> read_text(const DataConfig& c, const std::string& source, const std::string& target) {
  return data::read_parallel(files_of(c, source, target), [](const std::string& why) { log_warning("{}", why); });
}

// The step that a run in this folder has reached, or nothing.
std::optional<int64_t> run_in(const fs::path& out) {
  const auto found = train::CheckpointFolder(out / "checkpoints").newest([](const std::string&) {});
  if (found) return found->state.step;
  return fs::exists(out / "config.toml") ? std::optional<int64_t>(0) : std::nullopt;
}

// What must be true of --out before any work is done; nothing is written.
void check_folder(const TrainFlags& flags) {
  if (flags.dry_run) return;
  const auto step = run_in(flags.out);
  if (step && !flags.resume && !flags.overwrite)
    fail_input(
        "{} holds a run that has reached step {}; pass --resume to go on, --overwrite to start again, or another --out",
        flags.out.string(), *step);
  fs::path existing = fs::absolute(flags.out);
  while (!fs::exists(existing) && existing.has_relative_path()) existing = existing.parent_path();
  if (!fs::is_directory(existing))
    fail_input("--out {} cannot be a folder: {} is a file", flags.out.string(), existing.string());
  if (access(existing.c_str(), W_OK) != 0)
    fail_input("--out {} cannot be written: {} is not writable; choose another folder", flags.out.string(),
               existing.string());
}

// Removes what an overwritten run left, and makes the folder.
void open_folder(const TrainFlags& flags) {
  std::error_code error;
  if (flags.overwrite && !flags.resume)
    for (const char* name : {"checkpoints", "metrics.jsonl", "validation.jsonl", "loss.svg", "config.toml",
                             "config.json", "model.safetensors", "tokenizer.json", "attention"})
      fs::remove_all(flags.out / name, error);
  fs::create_directories(flags.out, error);
  if (error) fail_system("cannot create {}: {}", flags.out.string(), error.message());
}

text::Tokenizer tokenizer_for(const Recipe& recipe, const TrainFlags& flags, const std::vector<data::TextPair>& pairs) {
  const fs::path own = flags.out / "tokenizer.json";
  if (flags.resume && fs::exists(own)) return text::Tokenizer::load(own);
  if (!recipe.tokenizer.file.empty()) {
    text::Tokenizer loaded = text::Tokenizer::load(recipe.tokenizer.file);
    if (!loaded.begin_id() || !loaded.end_id())
      fail_input("the tokenizer {} has no <s> and </s>; translation needs both", recipe.tokenizer.file);
    if (const auto ids = loaded.encode("a"); ids.empty() || ids.back() != *loaded.end_id())
      fail_input(
          "the tokenizer {} puts no {} after a text, by which translation knows its end; write one that does: heddle "
          "tokenizer convert {} --end '{}' --out tokenizer.json",
          recipe.tokenizer.file, loaded.token_of(*loaded.end_id()), recipe.tokenizer.file,
          loaded.token_of(*loaded.end_id()));
    if (!loaded.parts().model->is_deterministic())
      fail_input(
          "the tokenizer {} has a dropout of its own, which would draw in validation too; set \"dropout\": null in it "
          "and text.dropout in the recipe",
          recipe.tokenizer.file);
    return loaded;
  }
  log_info("training a tokenizer of {} tokens", recipe.tokenizer.trained.vocab_size);
  return train_tokenizer(pairs, recipe.tokenizer);
}

data::LengthLimits limits_of(const Recipe& recipe) {
  return {.max_source_tokens = std::min(recipe.data.max_source_tokens, recipe.model.max_length),
          .max_target_tokens = std::min(recipe.data.max_target_tokens, recipe.model.max_length),
          .max_ratio = recipe.data.max_ratio};
}

// Of `pairs` those stay that are of use.
data::TranslationSet encode_training_text(std::vector<data::TextPair>& pairs, const text::Tokenizer& tokenizer,
                                          const Recipe& recipe) {
  const data::Encode encode = [&](std::string_view text) { return tokenizer.encode(text); };
  data::EncodedPairs encoded = data::encode_pairs(pairs, encode, encode, limits_of(recipe));
  const std::string left_out =
      fmt::format("{} with an empty side, {} too long and {} of too different lengths left out", encoded.empty,
                  encoded.too_long, encoded.uneven);
  if (encoded.set.size() == 0) fail_input("no training pair is left of {}: {}", pairs.size(), left_out);
  log_info("{} training pairs ({}), {} source and {} target tokens", encoded.set.size(), left_out,
           encoded.set.source_tokens(), encoded.set.target_tokens());
  for (size_t i = 0; i < encoded.kept.size(); ++i) std::swap(pairs[i], pairs[encoded.kept[i]]);
  pairs.resize(encoded.kept.size());
  return std::move(encoded.set);
}

// The sentences whose attention is stored while the model learns.
inspect::Examples watched_sentences(const Recipe& recipe, const std::vector<data::TextPair>& valid_text,
                                    const text::Tokenizer& tokenizer) {
  const train::TrainConfig& config = recipe.train;
  inspect::Examples watched = {.begin_id = *tokenizer.begin_id()};
  if (config.attention_every == 0) return watched;
  const std::vector<data::TextPair> given =
      config.attention_file.empty() ? valid_text
                                    : data::read_parallel({config.attention_file, {}, "1", "2"},
                                                          [](const std::string& why) { log_warning("{}", why); });
  const auto longest = static_cast<size_t>(recipe.model.max_length - 1);
  for (const data::TextPair& pair : given) {
    if (watched.size() == config.attention_sentences) break;
    if (pair.source.empty() || pair.target.empty()) continue;
    watched.source.push_back(tokenizer.encode(pair.source));
    watched.target.push_back(tokenizer.encode(pair.target));
    for (auto* ids : {&watched.source.back(), &watched.target.back()}) ids->resize(std::min(ids->size(), longest));
  }
  return watched;
}

void say_what_runs(const model::LoadedModel& loaded, ops::Compute compute) {
  const model::ModelConfig& c = loaded.model.config();
  log_info("{} {}+{} layers, width {}, {} parameters; precision {}; {} threads; SIMD {}", c.kind, c.encoder_layers,
           c.decoder_layers, c.width, loaded.parameters.parameter_count(),
           compute == ops::Compute::bf16 ? "bf16" : "f32", thread_count(), kernels::simd_level());
}

train::Outcome dry_run(train::Trainer& trainer, const model::LoadedModel& loaded) {
  for (const nn::ParameterInfo& info : loaded.parameters.all())
    fmt::print(stderr, "  {:<52} {}\n", info.name, info.shape.text());
  const int64_t fixed = 4 * loaded.parameters.flat_count() * 4;  // weights, gradients and two moments in f32
  const train::MetricsLine line = trainer.step();
  log_info("one step: loss {:.4f}, gradient norm {:.4f}", line.loss, line.grad_norm);
  log_info("memory: {} MB for weights, gradients and moments, {} MB of activations; {} MB in all so far", fixed >> 20,
           trainer.arena().peak_bytes() >> 20, peak_rss_bytes() >> 20);
  return {trainer.state(), 0, false};
}

}  // namespace

ops::Compute compute_for(const std::string& precision) {
  if (precision == "bf16") return ops::Compute::bf16;
  return precision == "auto" && kernels::bf16_is_fast() ? ops::Compute::bf16 : ops::Compute::f32;
}

train::Outcome train_translation(Recipe recipe, const TrainFlags& flags) {
  check_folder(flags);
  if (recipe.train.threads > 0) set_thread_count(static_cast<int>(recipe.train.threads));
  auto train_text = read_text(recipe.data, recipe.data.train_source, recipe.data.train_target);
  auto valid_text = read_text(recipe.data, recipe.data.valid_source, recipe.data.valid_target);
  const text::Tokenizer tokenizer = tokenizer_for(recipe, flags, train_text);
  recipe.model.vocab_size = tokenizer.vocab_size();
  const data::TranslationSet set = encode_training_text(train_text, tokenizer, recipe);

  model::LoadedModel loaded(recipe.model);
  loaded.parameters.initialize(loaded.weights, static_cast<uint64_t>(recipe.train.seed));
  const ops::Compute compute = compute_for(recipe.train.precision);
  say_what_runs(loaded, compute);
  std::optional<ResampledText> resampled;
  TextOfEpoch text_of_epoch;
  if (recipe.text.dropout > 0) {
    resampled.emplace(train_text, set, tokenizer, recipe.text, limits_of(recipe),
                      static_cast<uint64_t>(recipe.train.seed));
    text_of_epoch = [&](int64_t epoch) { return resampled->epoch(epoch); };
  } else {
    train_text = {};
  }
  TranslationObjective objective(loaded.model, set, *tokenizer.begin_id(), recipe.train, text_of_epoch);
  const inspect::Examples watched = watched_sentences(recipe, valid_text, tokenizer);
  TranslationValidator validator(loaded.model, tokenizer, recipe, std::move(valid_text));
  const auto publish = [&](const nn::WeightSet& weights) {
    model::save_weights(flags.out / "model.safetensors", loaded.parameters, weights);
  };
  const auto snapshot = [&](int64_t step) {
    inspect::write_attention_snapshot(flags.out, step, inspect::Subject(loaded), watched, tokenizer);
  };
  train::Trainer trainer({loaded.parameters, loaded.weights, objective, &validator, flags.out, publish, snapshot},
                         recipe.train, compute);
  if (flags.dry_run) return dry_run(trainer, loaded);
  open_folder(flags);
  if (flags.resume) trainer.resume();
  if (trainer.state().finished && !trainer.budget_left()) {
    log_info("the run in {} is finished at step {}", flags.out.string(), trainer.state().step);
    return {trainer.state(), 0, false};
  }
  write_file_atomic(flags.out / "config.toml", config_as_toml([&](ConfigVisitor& v) { describe(recipe, v); }));
  tokenizer.save(flags.out / "tokenizer.json");
  model::save_config(flags.out, recipe.model);
  return trainer.run();
}

}  // namespace heddle::task
