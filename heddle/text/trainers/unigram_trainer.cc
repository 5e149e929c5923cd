#include "heddle/text/trainers/unigram_trainer.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/trainers/substring_counts.h"
#include "heddle/text/trainers/unigram_em.h"

namespace heddle::text {
namespace {

// Pieces beyond the vocabulary's size that are kept up to the last choice, which is by score.
constexpr double kSpare = 1.1;

void check_options(const UnigramTrainerOptions& options) {
  if (options.longest_piece < 1 || options.seed_size < 0 || options.rounds < 1)
    fail_input("longest_piece = {}, seed_size = {} and rounds = {}; expected at least 1, 0 and 1",
               options.longest_piece, options.seed_size, options.rounds);
  if (!(options.kept_share > 0 && options.kept_share < 1))
    fail_input("kept_share = {}; expected more than 0 and less than 1", options.kept_share);
}

// Equal words as one.
std::vector<WordCount> merged(std::vector<WordCount> words) {
  std::ranges::sort(words, {}, &WordCount::word);
  size_t kept = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    if (kept > 0 && words[kept - 1].word == words[i].word) words[kept - 1].count += words[i].count;
    else if (kept++ != i) words[kept - 1] = std::move(words[i]);
  }
  words.resize(kept);
  return words;
}

// Appends the parts of a word that have characters of the alphabet only; the whole word may be one.
void append_known_parts(const WordCount& entry, const std::unordered_set<int32_t>& alphabet,
                        std::vector<WordCount>& parts) {
  std::string part;
  for (size_t at = 0; at < entry.word.size();) {
    const CodePoint point = read_code_point(entry.word, at);
    if (alphabet.contains(point.value)) part.append(entry.word, at, static_cast<size_t>(point.length));
    else if (!part.empty()) parts.push_back({std::exchange(part, {}), entry.count});
    at += static_cast<size_t>(point.length);
  }
  if (!part.empty()) parts.push_back({std::move(part), entry.count});
}

// The words, cut where they have characters that are not in the alphabet. Those without stay where they are, since
// there may be millions.
std::vector<WordCount> known_parts(std::vector<WordCount> words, const std::unordered_set<int32_t>& alphabet) {
  std::vector<WordCount> cut;
  std::erase_if(words, [&](const WordCount& entry) {
    for (size_t at = 0; at < entry.word.size();) {
      const CodePoint point = read_code_point(entry.word, at);
      if (!alphabet.contains(point.value)) {
        append_known_parts(entry, alphabet, cut);
        return true;
      }
      at += static_cast<size_t>(point.length);
    }
    return entry.word.empty();
  });
  std::ranges::move(cut, std::back_inserter(words));
  return merged(std::move(words));
}

// Characters and frequent substrings, scored by how much of the corpus they could cover.
std::vector<UnigramPiece> seed_pieces(std::span<const WordCount> words, std::span<const CharacterCount> alphabet,
                                      const UnigramTrainerOptions& options) {
  std::vector<UnigramPiece> pieces;
  double sum = 0;
  const auto add = [&](std::string text, double weight) {
    pieces.push_back({std::move(text), std::log(weight)});
    sum += weight;
  };
  for (const auto& [character, count] : alphabet) {
    std::string text;
    append_utf8(text, character);
    add(std::move(text), static_cast<double>(std::max<int64_t>(count, 1)));
  }
  for (const SubstringCount& found : frequent_substrings(words, options.longest_piece, options.seed_size))
    add(std::string(found.text), static_cast<double>(found.count) * static_cast<double>(found.characters));
  for (UnigramPiece& piece : pieces) piece.score -= std::log(sum);
  return pieces;
}

// Special tokens, all characters, and the other pieces with the highest scores.
std::vector<UnigramPiece> choose(std::vector<UnigramPiece> pieces, const UnigramTrainerOptions& options) {
  std::ranges::sort(pieces, [](const UnigramPiece& a, const UnigramPiece& b) {
    return a.score != b.score ? a.score > b.score : a.text < b.text;
  });
  std::vector<UnigramPiece> chosen;
  for (const std::string& token : options.special_tokens) chosen.push_back({token, 0});
  const std::unordered_set<std::string> special(options.special_tokens.begin(), options.special_tokens.end());
  std::erase_if(pieces, [&](const UnigramPiece& piece) { return special.contains(piece.text); });
  int64_t room = options.vocab_size - std::ssize(chosen) -
                 std::ranges::count_if(pieces, [](const UnigramPiece& piece) { return is_character(piece.text); });
  for (UnigramPiece& piece : pieces)
    if (is_character(piece.text) || room-- > 0) chosen.push_back(std::move(piece));
  return chosen;
}

}  // namespace

std::vector<UnigramPiece> train_unigram(std::vector<WordCount> words, const UnigramTrainerOptions& options) {
  check_options(options);
  const std::vector<CharacterCount> alphabet = choose_alphabet(words, options.alphabet);
  std::unordered_set<int32_t> characters;
  for (const CharacterCount& entry : alphabet) characters.insert(entry.character);
  const std::vector<WordCount> known = known_parts(std::move(words), characters);
  if (known.empty()) fail_input("the corpus of the tokenizer is empty; give files with text");
  const int64_t least = std::ssize(options.special_tokens) + std::ssize(alphabet);
  if (options.vocab_size < least)
    fail_input(
        "vocab_size = {} is smaller than the {} special tokens and {} characters; ask for at least {}, or lower the "
        "character coverage",
        options.vocab_size, options.special_tokens.size(), alphabet.size(), least);
  std::vector<UnigramPiece> pieces = seed_pieces(known, alphabet, options);
  WordLattices lattices(known, pieces);
  const auto wanted = static_cast<int64_t>(kSpare * static_cast<double>(options.vocab_size));
  for (;;) {
    for (int round = 0; round < options.rounds; ++round)
      lattices.renumber(maximize(pieces, lattices.expect(pieces).counts));
    const int64_t size = std::ssize(pieces);
    if (size <= wanted) break;
    lattices.renumber(prune(lattices, pieces,
                            std::max(wanted, static_cast<int64_t>(options.kept_share * static_cast<double>(size)))));
    if (std::ssize(pieces) == size) break;  // all that is left is needed
  }
  return choose(std::move(pieces), options);
}

}  // namespace heddle::text
