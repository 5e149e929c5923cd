#include "heddle/task/recipe_tokenizer.h"

#include "heddle/base/error.h"
#include "heddle/base/log.h"

namespace heddle::task {
namespace {

void check_loaded(const text::Tokenizer& loaded, const std::string& file) {
  if (!loaded.begin_id() || !loaded.end_id())
    fail_input("the tokenizer {} has no <s> and </s>; training needs both", file);
  if (!loaded.parts().model->is_deterministic())
    fail_input(
        "the tokenizer {} has a dropout of its own, which would draw in validation too; set \"dropout\": null in it "
        "and text.dropout in the recipe",
        file);
}

}  // namespace

text::Tokenizer train_tokenizer(const TokenizerConfig& config, size_t sides, const FeedText& feed) {
  text::TokenizerRecipe recipe = config.trained;
  recipe.special_tokens = {"<pad>", "<s>", "</s>", "<unk>"};  // whatever is usual for the type
  recipe.special_tokens.insert(recipe.special_tokens.end(), config.marks.begin(), config.marks.end());
  if (config.coverage > 0) recipe.coverage = config.coverage;
  if (!config.split.empty()) recipe.splits = {config.split};
  text::TokenizerTrainer trainer(recipe, sides);
  feed(trainer);
  text::Tokenizer tokenizer = trainer.train();
  const bool joins = recipe.type == "bpe" || recipe.type == "char-bpe" || recipe.type == "wordpiece";
  if (joins && tokenizer.vocab_size() < recipe.vocab_size)
    fail_input(
        "the data gives only {} tokens, not the {} asked for; lower tokenizer.vocab_size or tokenizer.min_frequency, "
        "or give more text",
        tokenizer.vocab_size(), recipe.vocab_size);
  return tokenizer;
}

text::Tokenizer tokenizer_for(const TokenizerConfig& config, const std::filesystem::path& own, size_t sides,
                              const FeedText& feed) {
  if (!own.empty() && std::filesystem::exists(own)) return text::Tokenizer::load(own);
  if (!config.file.empty()) {
    text::Tokenizer loaded = text::Tokenizer::load(config.file);
    check_loaded(loaded, config.file);
    return loaded;
  }
  log_info("training a tokenizer of {} tokens", config.trained.vocab_size);
  return train_tokenizer(config, sides, feed);
}

void check_belongs(const text::Tokenizer& tokenizer, const model::ModelConfig& model,
                   const std::filesystem::path& folder) {
  if (tokenizer.vocab_size() > model.vocab_size)
    fail_input("{}: the tokenizer has {} tokens, the model only {}; they do not belong together", folder.string(),
               tokenizer.vocab_size(), model.vocab_size);
  if (!tokenizer.begin_id() || !tokenizer.end_id())
    fail_input("{}: the tokenizer has no <s> and </s>", folder.string());
}

}  // namespace heddle::task
