#pragma once
// A recipe → a trained model in a folder, whatever its task.

#include "heddle/task/training.h"

namespace heddle::task {

// Throws InputError for a recipe, data or folder that cannot be used.
train::Outcome train_recipe(const Recipe& recipe, const TrainFlags& flags);

}  // namespace heddle::task
