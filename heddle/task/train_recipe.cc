#include "heddle/task/train_recipe.h"

#include "heddle/base/thread_loop.h"
#include "heddle/task/train_language_model.h"
#include "heddle/task/train_translation.h"

namespace heddle::task {

train::Outcome train_recipe(const Recipe& recipe, const TrainFlags& flags) {
  check_folder(flags);
  if (recipe.train.threads > 0) set_thread_count(static_cast<int>(recipe.train.threads));
  return recipe.task == "language_model" ? train_language_model(recipe, flags) : train_translation(recipe, flags);
}

}  // namespace heddle::task
