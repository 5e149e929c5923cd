#pragma once
// Trains a translator from a recipe: data → tokenizer → model → training → a model folder.

#include <filesystem>

#include "heddle/task/recipe.h"
#include "heddle/train/trainer.h"

namespace heddle::task {

struct TrainFlags {
  std::filesystem::path out;
  bool resume = false, overwrite = false, dry_run = false;
};

// Throws InputError for bad data and for a folder that holds a run (unless resumed or overwritten).
train::Outcome train_translation(Recipe recipe, const TrainFlags& flags);

// auto, f32 or bf16 → what this processor runs.
ops::Compute compute_for(const std::string& precision);

}  // namespace heddle::task
