#include "heddle/text/bpe_trainer.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/pre_tokenizers/known_patterns.h"
#include "heddle/text/trainers/pair_learner.h"

namespace heddle::text {

void BpeTrainer::add_line(std::string_view line) {
  std::vector<Piece> pieces;
  split_gpt2(line, 0, pieces);
  for (const Piece& piece : pieces) ++piece_counts_[std::string(line.substr(piece.begin, piece.end - piece.begin))];
}

BpeVocabulary BpeTrainer::train(const BpeTrainerOptions& options) const {
  if (piece_counts_.empty()) fail_input("the corpus of the tokenizer is empty; give files with text");
  std::vector<std::string> tokens = options.special_tokens;
  std::vector<int32_t> alphabet;
  for (int b = 0; b < 256; ++b) alphabet.push_back(character_of_byte(static_cast<uint8_t>(b)));
  std::ranges::sort(alphabet);
  std::vector<int32_t> id_of_byte(256);
  for (int32_t character : alphabet) {
    id_of_byte[static_cast<size_t>(byte_of_character(character))] = static_cast<int32_t>(tokens.size());
    append_utf8(tokens.emplace_back(), character);
  }
  const int64_t smallest = std::ssize(tokens);
  if (options.vocab_size < smallest)
    fail_input("vocab_size = {} is smaller than the {} special tokens and 256 bytes; ask for at least {}",
               options.vocab_size, options.special_tokens.size(), smallest);
  std::vector<const std::pair<const std::string, int64_t>*> pieces;
  for (const auto& entry : piece_counts_) pieces.push_back(&entry);
  std::ranges::sort(pieces, {}, [](const auto* entry) -> const std::string& { return entry->first; });
  std::vector<PairLearner::Word> words;
  for (const auto* entry : pieces) {
    PairLearner::Word& word = words.emplace_back();
    word.count = entry->second;
    for (char c : entry->first) word.symbols.push_back(id_of_byte[static_cast<uint8_t>(c)]);
  }
  PairLearner learner(std::move(words), std::move(tokens), "", PairScore::frequency);
  learner.learn(options.vocab_size, options.min_frequency);
  if (std::ssize(learner.tokens()) < options.vocab_size)
    fail_input(
        "the data gives only {} tokens, not the {} asked for; lower vocab_size or min_frequency, or "
        "give more text",
        learner.tokens().size(), options.vocab_size);
  return {learner.tokens(), learner.merges()};
}

}  // namespace heddle::text
