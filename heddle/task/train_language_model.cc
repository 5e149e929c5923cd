#include "heddle/task/train_language_model.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/metrics/code_points.h"
#include "heddle/task/language_model.h"
#include "heddle/task/recipe_text.h"
#include "heddle/task/recipe_tokenizer.h"

namespace heddle::task {
namespace {

train::Outcome train_on_text(Recipe& recipe, const TrainFlags& flags) {
  if (recipe.data.block > recipe.model.max_length)
    fail_input("data.block = {} is longer than model.max_length = {}; lower the one or raise the other",
               recipe.data.block, recipe.model.max_length);
  const std::string text = read_whole(data::find_data_file(recipe.data.dir, recipe.data.train_text));
  const std::string valid_text = read_whole(data::find_data_file(recipe.data.dir, recipe.data.valid_text));
  const text::Tokenizer tokenizer = tokenizer_for(recipe.tokenizer, flags.own_tokenizer(), 1,
                                                  [&](text::TokenizerTrainer& trainer) { trainer.add(text); });
  recipe.model.vocab_size = tokenizer.vocab_size();
  const data::LanguageSet set = encode_stream(text, tokenizer, recipe.data.block);
  log_info("{} tokens of text in {} blocks", set.tokens(), set.size());
  const auto loaded = new_model(recipe);
  LanguageObjective objective(loaded->model, set, recipe.train);
  LanguageValidator validator(loaded->model, encode_stream(valid_text, tokenizer, recipe.data.block),
                              std::ssize(metrics::code_points(valid_text)));
  return run_training(recipe, flags, *loaded, tokenizer, objective, validator);
}

data::LanguageSet questions(const std::vector<data::TextPair>& pairs, const text::Tokenizer& tokenizer,
                            const Recipe& recipe, const std::string& name) {
  int64_t left_out = 0;
  data::LanguageSet set = encode_questions(pairs, tokenizer, recipe.model.max_length, left_out);
  if (set.size() == 0)
    fail_input("none of the {} questions of {} fits into model.max_length = {} tokens", pairs.size(), name,
               recipe.model.max_length);
  log_info("{}: {} questions of {} tokens ({} too long left out)", name, set.size(), set.tokens(), left_out);
  return set;
}

train::Outcome train_on_questions(Recipe& recipe, const TrainFlags& flags) {
  const DataConfig& data = recipe.data;
  const auto train_pairs = read_training_pairs(data);
  auto valid_pairs = read_pairs(data, data.valid_source, data.valid_target);
  if (std::ssize(valid_pairs) > recipe.decode.validation_lines)
    valid_pairs.resize(static_cast<size_t>(recipe.decode.validation_lines));
  const text::Tokenizer tokenizer =
      tokenizer_for(recipe.tokenizer, flags.own_tokenizer(), 1, [&](text::TokenizerTrainer& trainer) {
        for (const data::TextPair& pair : train_pairs) {
          trainer.add(pair.source);
          trainer.add(pair.target);
        }
      });
  recipe.model.vocab_size = tokenizer.vocab_size();
  const data::LanguageSet set = questions(train_pairs, tokenizer, recipe, data.train_source);
  const auto loaded = new_model(recipe);
  LanguageObjective objective(loaded->model, set, recipe.train);
  LanguageValidator validator(loaded->model, questions(valid_pairs, tokenizer, recipe, data.valid_source), 0);
  return run_training(recipe, flags, *loaded, tokenizer, objective, validator);
}

}  // namespace

train::Outcome train_language_model(Recipe recipe, const TrainFlags& flags) {
  return recipe.data.train_text.empty() ? train_on_questions(recipe, flags) : train_on_text(recipe, flags);
}

}  // namespace heddle::task
