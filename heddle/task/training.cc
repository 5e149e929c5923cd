#include "heddle/task/training.h"

#include <unistd.h>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/base/memory.h"
#include "heddle/base/thread_loop.h"
#include "heddle/kernels/matmul.h"
#include "heddle/kernels/simd.h"
#include "heddle/task/token_facts.h"

namespace heddle::task {
namespace {

namespace fs = std::filesystem;

// The step that a run in this folder has reached, or nothing.
std::optional<int64_t> run_in(const fs::path& out) {
  const auto found = train::CheckpointFolder(out / "checkpoints").newest([](const std::string&) {});
  if (found) return found->state.step;
  return fs::exists(out / "config.toml") ? std::optional<int64_t>(0) : std::nullopt;
}

// Removes what an overwritten run left, and makes the folder.
void open_folder(const TrainFlags& flags) {
  std::error_code error;
  if (flags.overwrite && !flags.resume)
    for (const char* name : {"checkpoints", "metrics.jsonl", "validation.jsonl", "loss.svg", "config.toml",
                             "config.json", "model.safetensors", "tokenizer.json", "attention"})
      fs::remove_all(flags.out / name, error);
  create_folder(flags.out);
}

train::Outcome dry_run(train::Trainer& trainer, const model::LoadedModel& loaded) {
  for (const nn::ParameterInfo& info : loaded.parameters.all())
    fmt::print(stderr, "  {:<52} {}\n", info.name, info.shape.text());
  const int64_t fixed = 4 * loaded.parameters.flat_count() * 4;  // weights, gradients and two moments in f32
  const train::MetricsLine line = trainer.step();
  log_info("one step: loss {:.4f}, gradient norm {:.4f}", line.loss, line.grad_norm);
  log_info("memory: {} MB for weights, gradients and moments, {} MB of activations; {} MB in all so far", fixed >> 20,
           trainer.arena().peak_bytes() >> 20, peak_rss_bytes() >> 20);
  return trainer.outcome();
}

}  // namespace

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

ops::Compute compute_for(const std::string& precision) {
  if (precision == "bf16") return ops::Compute::bf16;
  return precision == "auto" && kernels::bf16_is_fast() ? ops::Compute::bf16 : ops::Compute::f32;
}

std::unique_ptr<model::LoadedModel> new_model(const Recipe& recipe, const text::Tokenizer& tokenizer) {
  auto loaded = std::make_unique<model::LoadedModel>(recipe.model);
  const auto seed = static_cast<uint64_t>(recipe.train.seed);
  loaded->parameters.initialize(loaded->weights, seed);
  if (!model::embedding_config(recipe.model, model::Stack::decoder).is_table())
    loaded->model.learn_tokens(token_facts(tokenizer, seed), loaded->weights);
  const model::ModelConfig& c = recipe.model;
  const std::string layers = loaded->model.has_encoder() ? fmt::format("{}+{}", c.encoder_layers, c.decoder_layers)
                                                         : fmt::format("{}", c.decoder_layers);
  log_info("{} {} layers, width {}, {} parameters; precision {}; {} threads; SIMD {}", c.kind, layers, c.width,
           loaded->parameters.parameter_count(),
           compute_for(recipe.train.precision) == ops::Compute::bf16 ? "bf16" : "f32", thread_count(),
           kernels::simd_level());
  return loaded;
}

train::Outcome run_training(const Recipe& recipe, const TrainFlags& flags, model::LoadedModel& loaded,
                            const text::Tokenizer& tokenizer, train::Objective& objective, train::Validator& validator,
                            const Snapshot& snapshot) {
  const auto publish = [&](const nn::WeightSet& weights) {
    model::save_weights(flags.out / "model.safetensors", loaded.parameters, weights, model::WeightForm::as_used);
  };
  train::Trainer trainer({loaded.parameters, loaded.weights, objective, &validator, flags.out, publish, snapshot},
                         recipe.train, compute_for(recipe.train.precision));
  if (flags.dry_run) return dry_run(trainer, loaded);
  open_folder(flags);
  if (flags.resume) trainer.resume();
  if (trainer.state().finished && !trainer.budget_left()) {
    log_info("the run in {} is finished at step {}", flags.out.string(), trainer.state().step);
    return trainer.outcome();
  }
  Recipe written = recipe;
  write_file_atomic(flags.out / "config.toml", config_as_toml([&](ConfigVisitor& v) { describe(written, v); }));
  tokenizer.save(flags.out / "tokenizer.json");
  model::save_config(flags.out, recipe.model);
  return trainer.run();
}

}  // namespace heddle::task
