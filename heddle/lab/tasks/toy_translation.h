#pragma once
// A toy language pair whose every rule is known: what one word depends on, and how much is left to chance.
//
// A source sentence is a row of pairs, adjective and noun. In the target the noun comes first, its adjective
// agrees with the noun's gender, and every word has a plain and a formal form, of which the source says nothing.

#include <string>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/data/packed_batch.h"

namespace heddle::lab {

struct ToyLanguage {
  static constexpr int32_t kPad = 0, kStart = 1, kEnd = 2;
  static constexpr int kAdjectives = 8, kNouns = 8;

  int least_pairs = 2, most_pairs = 4;
  bool reversed = false;     // the target's pairs run from the last to the first: it is the source's mirror
  bool one_register = true;  // one form for the whole sentence, else drawn for each word

  static int64_t vocab() { return 3 + kAdjectives + kNouns + 2 * kNouns + 4 * kAdjectives; }
  static int32_t source_adjective(int adjective) { return 3 + adjective; }
  static int32_t source_noun(int noun) { return 3 + kAdjectives + noun; }
  static int32_t target_noun(int noun, int formal) { return 3 + kAdjectives + kNouns + 2 * noun + formal; }
  // The gender of a noun is its number's parity.
  static int32_t target_adjective(int adjective, int gender, int formal) {
    return 3 + kAdjectives + 3 * kNouns + 4 * adjective + 2 * gender + formal;
  }
  static bool is_target_word(int32_t id) { return id >= target_noun(0, 0); }
  // Both forms of a word count as the same.
  static int32_t without_register(int32_t id) { return is_target_word(id) ? id - (id - target_noun(0, 0)) % 2 : id; }
  // Another word of the same kind, for what-if questions about a source.
  static int32_t other_source_word(int32_t id);
  static std::string word(int32_t id);  // "red", "cat", "CAT", "REDo", "REDa+" (formal)
};

struct ToyTranslations {
  data::TranslationBatch tokens;  // sources, and targets with start and end
  // Of every target token the place in its source of the word that it translates; -1 for the end.
  std::vector<int32_t> places;
  double entropy = 0;  // of the targets given their sources, in nats per target token
};

ToyTranslations toy_translations(const ToyLanguage& language, RandomStream& random, int64_t sentences);

}  // namespace heddle::lab
