#pragma once
// The tokenizer that a recipe names, or one trained on its text.

#include <filesystem>
#include <functional>

#include "heddle/task/recipe.h"
#include "heddle/text/tokenizer.h"
#include "heddle/text/trainers/tokenizer_trainer.h"

namespace heddle::task {

// Hands all training text to a trainer; text of side i as language i.
using FeedText = std::function<void(text::TokenizerTrainer& trainer)>;

// Throws InputError for text that gives too few tokens.
text::Tokenizer train_tokenizer(const TokenizerConfig& config, size_t sides, const FeedText& feed);

// `own` if that file exists (a resumed run's; empty: none), else the recipe's file, else one that is trained. Throws
// InputError for a tokenizer from a file that does not say where a text begins and ends, or draws at random.
text::Tokenizer tokenizer_for(const TokenizerConfig& config, const std::filesystem::path& own, size_t sides,
                              const FeedText& feed);

// That a folder's tokenizer is one for its model. Throws InputError, naming the folder, for more tokens than the model
// has, and for none that says where a text begins and ends.
void check_belongs(const text::Tokenizer& tokenizer, const model::ModelConfig& model,
                   const std::filesystem::path& folder);

}  // namespace heddle::task
