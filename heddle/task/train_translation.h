#pragma once
// Trains a translator from a recipe: data → tokenizer → model → training → a model folder.

#include "heddle/task/training.h"

namespace heddle::task {

// Throws InputError for bad data.
train::Outcome train_translation(Recipe recipe, const TrainFlags& flags);

}  // namespace heddle::task
