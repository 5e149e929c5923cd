#include "heddle/text/trainers/bpe_trainer.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "heddle/base/error.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/trainers/pair_learner.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

// The tokens that the merges start from, behind the first ones.
class Start {
 public:
  explicit Start(const std::vector<std::string>& first) {
    for (const std::string& token : first) add(token);
  }
  int32_t add(const std::string& text) {
    const auto [found, added] = ids_.emplace(text, static_cast<int32_t>(tokens_.size()));
    if (added) tokens_.push_back(text);
    return found->second;
  }
  int32_t add(int32_t character) {
    std::string text;
    append_utf8(text, character);
    return add(text);
  }
  std::vector<std::string>& tokens() { return tokens_; }

 private:
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int32_t> ids_;
};

PairLearner::Words words_as_bytes(std::span<const WordCount> words, Start& start) {
  std::vector<int32_t> characters;
  for (int byte = 0; byte < 256; ++byte) characters.push_back(character_of_byte(static_cast<uint8_t>(byte)));
  std::ranges::sort(characters);
  std::array<int32_t, 256> ids{};
  for (const int32_t character : characters)
    ids[static_cast<size_t>(byte_of_character(character))] = start.add(character);
  PairLearner::Words symbols;
  size_t bytes = 0;
  for (const WordCount& entry : words) bytes += entry.word.size();
  symbols.reserve(words.size(), bytes);
  for (const auto& [word, count] : words) {
    symbols.begin_word(count);
    for (const char c : word) symbols.symbols.push_back(ids[static_cast<unsigned char>(c)]);
  }
  return symbols;
}

// A character outside the alphabet ends a word, and the next one begins behind it.
PairLearner::Words words_as_characters(std::span<const WordCount> words, const AlphabetOptions& options, Start& start) {
  std::vector<int32_t> characters;
  for (const CharacterCount& entry : choose_alphabet(words, options)) characters.push_back(entry.character);
  std::ranges::sort(characters);
  std::unordered_map<int32_t, int32_t> ids;
  for (const int32_t character : characters) ids[character] = start.add(character);
  PairLearner::Words symbols;
  for (const auto& [word, count] : words) {
    bool inside = false;
    for (size_t at = 0; at < word.size();) {
      const CodePoint point = read_code_point(word, at);
      at += static_cast<size_t>(point.length);
      const auto id = ids.find(point.value);
      if (id != ids.end() && !inside) symbols.begin_word(count);
      inside = id != ids.end();
      if (inside) symbols.symbols.push_back(id->second);
    }
  }
  return symbols;
}

}  // namespace

BpeVocabulary train_bpe(std::vector<WordCount> words, const BpeTrainerOptions& options) {
  if (words.empty()) fail_input("the corpus of the tokenizer is empty; give files with text");
  Start start(options.first_tokens);
  PairLearner::Words symbols =
      options.bytes ? words_as_bytes(words, start) : words_as_characters(words, options.alphabet, start);
  if (options.vocab_size < std::ssize(start.tokens()))
    fail_input(
        "vocab_size = {} is smaller than the {} tokens that are in any case ({} special ones, and {}); ask for at "
        "least {}",
        options.vocab_size, start.tokens().size(), options.first_tokens.size(),
        options.bytes ? "256 bytes" : "the characters", start.tokens().size());
  std::vector<WordCount>().swap(words);  // there may be millions
  PairLearner learner(std::move(symbols), std::move(start.tokens()), "", PairScore::frequency);
  learner.learn(options.vocab_size, options.min_frequency);
  return {learner.tokens(), learner.merges()};
}

}  // namespace heddle::text
