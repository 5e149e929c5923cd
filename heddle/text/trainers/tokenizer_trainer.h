#pragma once
// From text to a tokenizer, by a recipe. The text streams past: what its pipeline makes of it is counted, and from the
// counts the model is learned.

#include <memory>
#include <string_view>
#include <vector>

#include "heddle/text/tokenizer.h"
#include "heddle/text/trainers/tokenizer_recipe.h"
#include "heddle/text/trainers/word_counts.h"

namespace heddle::text {

class TokenizerTrainer {
 public:
  // Throws InputError for a recipe that does not go together.
  explicit TokenizerTrainer(TokenizerRecipe recipe, size_t languages = 1);

  // A text of a language, by its number; bytes that are not UTF-8 are read as U+FFFD.
  void add(std::string_view text, size_t language = 0);
  // The same texts give the same tokenizer, in any order and at any thread count (a memory limit that is reached makes
  // the order count). Throws InputError when there are no words, and when the vocabulary has no room for what it must
  // have. The trainer is empty afterwards.
  Tokenizer train();

  // Occurrences of words that the memory limit cost.
  int64_t dropped() const;

 private:
  TokenizerRecipe recipe_;
  std::shared_ptr<const Tokenizer> pipeline_;  // without a model of use
  std::vector<WordCounter> counters_;          // by language
};

// The counts of all languages together, weighted so that a language with the share p of all words has a share in
// proportion to p^(1/temperature). The largest keeps its counts; above a temperature of 1 those of the others grow, so
// nothing falls below a minimum frequency that it had.
std::vector<WordCount> mixed_by_temperature(std::vector<std::vector<WordCount>> languages, double temperature);

}  // namespace heddle::text
