#include "heddle/text/trainers/whole_words.h"

#include <algorithm>
#include <unordered_set>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"

namespace heddle::text {
namespace {

void check_not_empty(std::span<const WordCount> words) {
  if (words.empty()) fail_input("the corpus of the tokenizer is empty; give files with text");
}

}  // namespace

std::vector<std::string> word_level_vocabulary(std::span<const WordCount> words, const WordLevelOptions& options) {
  check_not_empty(words);
  if (options.vocab_size <= std::ssize(options.special_tokens))
    fail_input("vocab_size = {} leaves no room for words beside {} special tokens; ask for at least {}",
               options.vocab_size, options.special_tokens.size(), options.special_tokens.size() + 1);
  std::vector<const WordCount*> sorted;
  for (const WordCount& entry : words) sorted.push_back(&entry);
  std::ranges::sort(sorted, [](const WordCount* a, const WordCount* b) {
    return a->count != b->count ? a->count > b->count : a->word < b->word;
  });
  std::vector<std::string> vocabulary = options.special_tokens;
  const std::unordered_set<std::string> special(vocabulary.begin(), vocabulary.end());
  for (const WordCount* entry : sorted) {
    if (std::ssize(vocabulary) == options.vocab_size || entry->count < options.min_frequency) break;
    if (!special.contains(entry->word)) vocabulary.push_back(entry->word);
  }
  return vocabulary;
}

std::vector<std::string> character_vocabulary(std::span<const WordCount> words,
                                              std::span<const std::string> special_tokens,
                                              const AlphabetOptions& options) {
  check_not_empty(words);
  std::vector<std::string> vocabulary(special_tokens.begin(), special_tokens.end());
  const std::unordered_set<std::string> special(vocabulary.begin(), vocabulary.end());
  for (const auto& [character, count] : choose_alphabet(words, options)) {
    std::string text;
    append_utf8(text, character);
    if (!special.contains(text)) vocabulary.push_back(std::move(text));
  }
  return vocabulary;
}

}  // namespace heddle::text
