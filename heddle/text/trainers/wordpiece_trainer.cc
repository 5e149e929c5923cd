#include "heddle/text/trainers/wordpiece_trainer.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"

namespace heddle::text {
namespace {

using Characters = std::vector<int32_t>;

// The words whose characters are all in the alphabet, as characters.
std::vector<Characters> known_words(std::span<const WordCount> words, const std::set<int32_t>& alphabet) {
  std::vector<Characters> known;
  for (const WordCount& entry : words) {
    Characters& characters = known.emplace_back();
    for (size_t at = 0; at < entry.word.size();) {
      const CodePoint point = read_code_point(entry.word, at);
      characters.push_back(point.value);
      at += static_cast<size_t>(point.length);
    }
    if (!std::ranges::all_of(characters, [&](int32_t c) { return alphabet.contains(c); })) characters.clear();
  }
  return known;
}

// Tokens with an id each.
struct Tokens {
  std::vector<std::string> texts;
  std::unordered_map<std::string, int32_t> ids;

  int32_t add(const std::string& text) {
    const auto [found, added] = ids.emplace(text, static_cast<int32_t>(texts.size()));
    if (added) texts.push_back(text);
    return found->second;
  }
};

std::string text_of(int32_t character) {
  std::string text;
  append_utf8(text, character);
  return text;
}

}  // namespace

std::vector<std::string> train_wordpiece(std::span<const WordCount> words, const WordPieceTrainerOptions& options) {
  std::set<int32_t> alphabet, inside;
  for (const CharacterCount& entry : choose_alphabet(words, options.alphabet)) alphabet.insert(entry.character);
  const std::vector<Characters> known = known_words(words, alphabet);
  Tokens tokens;
  for (const std::string& token : options.special_tokens) tokens.add(token);
  for (const int32_t character : alphabet) tokens.add(text_of(character));
  for (const Characters& characters : known)
    if (!characters.empty()) inside.insert(characters.begin() + 1, characters.end());
  for (const int32_t character : inside) tokens.add(options.prefix + text_of(character));
  if (std::ssize(tokens.texts) > options.vocab_size)
    fail_input(
        "vocab_size = {} is smaller than the special tokens and characters; ask for at least {}, or limit the alphabet",
        options.vocab_size, tokens.texts.size());
  PairLearner::Words symbols;
  for (size_t w = 0; w < known.size(); ++w) {
    if (known[w].empty()) continue;
    symbols.begin_word(words[w].count);
    for (size_t i = 0; i < known[w].size(); ++i)
      symbols.symbols.push_back(tokens.add((i == 0 ? "" : options.prefix) + text_of(known[w][i])));
  }
  if (symbols.counts.empty()) fail_input("the corpus of the tokenizer is empty; give files with text");
  PairLearner learner(std::move(symbols), std::move(tokens.texts), options.prefix, options.score);
  learner.learn(options.vocab_size, options.min_frequency);
  return learner.tokens();
}

}  // namespace heddle::text
