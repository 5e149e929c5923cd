#pragma once
// What every training has around its objective, whatever the task: the folder, the model it leaves there, the dry run.

#include <filesystem>
#include <functional>

#include "heddle/model/store.h"
#include "heddle/task/recipe.h"
#include "heddle/text/tokenizer.h"
#include "heddle/train/trainer.h"

namespace heddle::task {

struct TrainFlags {
  std::filesystem::path out;
  bool resume = false, overwrite = false, dry_run = false;

  // The tokenizer of the run that is resumed; else empty.
  std::filesystem::path own_tokenizer() const { return resume ? out / "tokenizer.json" : std::filesystem::path(); }
};

// What must be true of --out before any work is done; nothing is written. Throws InputError for a folder that holds a
// run (unless resumed or overwritten) or cannot be one.
void check_folder(const TrainFlags& flags);

// A model for this tokenizer with the recipe's first weights; says what will run.
std::unique_ptr<model::LoadedModel> new_model(const Recipe& recipe, const text::Tokenizer& tokenizer);

// Called every train.attention_every steps.
using Snapshot = std::function<void(int64_t step)>;

// Trains, or goes on, and leaves model, tokenizer and recipe in the folder.
train::Outcome run_training(const Recipe& recipe, const TrainFlags& flags, model::LoadedModel& loaded,
                            const text::Tokenizer& tokenizer, train::Objective& objective, train::Validator& validator,
                            const Snapshot& snapshot = {});

// auto, f32 or bf16 → what this processor runs.
ops::Compute compute_for(const std::string& precision);

}  // namespace heddle::task
