#include "heddle/text/trainers/alphabet.h"

#include <algorithm>
#include <unordered_map>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"

namespace heddle::text {

std::vector<CharacterCount> count_characters(std::span<const WordCount> words) {
  std::unordered_map<int32_t, int64_t> counts;
  for (const auto& [word, count] : words)
    for (size_t at = 0; at < word.size();) {
      const CodePoint point = read_code_point(word, at);
      if (point.value < 0) fail_input("the word \"{}\" is not UTF-8 at byte {}; repair the text first", word, at);
      counts[point.value] += count;
      at += static_cast<size_t>(point.length);
    }
  std::vector<CharacterCount> characters;
  for (const auto& [character, count] : counts) characters.push_back({character, count});
  std::ranges::sort(characters, [](const CharacterCount& a, const CharacterCount& b) {
    return a.count != b.count ? a.count > b.count : a.character < b.character;
  });
  return characters;
}

std::vector<CharacterCount> choose_alphabet(std::span<const WordCount> words, const AlphabetOptions& options) {
  if (!(options.coverage > 0 && options.coverage <= 1))
    fail_input("character coverage is {}; expected more than 0 and at most 1", options.coverage);
  if (options.limit < 0)
    fail_input("the alphabet is limited to {} characters; expected 0 (any) or more", options.limit);
  const std::vector<CharacterCount> all = count_characters(words);
  double total = 0, covered = 0;
  for (const CharacterCount& entry : all) total += static_cast<double>(entry.count);
  std::vector<CharacterCount> kept;
  std::vector<int32_t> always = options.always;
  int64_t chosen = 0;  // without those of `always`
  for (const CharacterCount& entry : all) {
    const auto forced = std::ranges::find(always, entry.character);
    const bool wanted = covered < options.coverage * total && (options.limit == 0 || chosen < options.limit);
    covered += static_cast<double>(entry.count);
    if (forced != always.end()) always.erase(forced);
    else if (wanted) ++chosen;
    else continue;
    kept.push_back(entry);
  }
  for (const int32_t character : always)
    if (std::ranges::find(kept, character, &CharacterCount::character) == kept.end()) kept.push_back({character, 0});
  return kept;
}

}  // namespace heddle::text
