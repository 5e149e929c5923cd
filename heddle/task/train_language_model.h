#pragma once
// Trains a language model from a recipe: on a text (data.train_text), or on questions with answers (data.train_source
// and train_target).

#include "heddle/task/training.h"

namespace heddle::task {

// Throws InputError for bad data, and for blocks longer than the model reads.
train::Outcome train_language_model(Recipe recipe, const TrainFlags& flags);

}  // namespace heddle::task
