#include "heddle/lab/tasks/toy_translation.h"

#include <array>
#include <cmath>
#include <numbers>

#include "heddle/base/error.h"

namespace heddle::lab {
namespace {

constexpr std::array<const char*, ToyLanguage::kAdjectives> kAdjectiveNames = {"red", "big", "old", "wet",
                                                                               "sad", "new", "hot", "raw"};
constexpr std::array<const char*, ToyLanguage::kNouns> kNounNames = {"cat", "sun", "dog", "sea",
                                                                     "fox", "hat", "bus", "egg"};

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c - 'a' + 'A');
  return text;
}

int draw(RandomStream& random, int below) { return static_cast<int>(random.below(static_cast<uint64_t>(below))); }

}  // namespace

int32_t ToyLanguage::other_source_word(int32_t id) {
  HEDDLE_CHECK(id >= source_adjective(0) && id < target_noun(0, 0), "{} is no word of the source language", id);
  const int32_t first = id < source_noun(0) ? source_adjective(0) : source_noun(0);
  const int32_t count = id < source_noun(0) ? kAdjectives : kNouns;
  return first + (id - first + 1) % count;
}

std::string ToyLanguage::word(int32_t id) {
  if (id == kPad) return "<pad>";
  if (id == kStart) return "<s>";
  if (id == kEnd) return "</s>";
  HEDDLE_CHECK(id > 0 && id < vocab(), "token {} of {}", id, vocab());
  if (id < source_noun(0)) return kAdjectiveNames[static_cast<size_t>(id - source_adjective(0))];
  if (id < target_noun(0, 0)) return kNounNames[static_cast<size_t>(id - source_noun(0))];
  const int form = id - target_noun(0, 0);
  const std::string formal = form % 2 ? "+" : "";
  if (form < 2 * kNouns) return upper(kNounNames[static_cast<size_t>(form / 2)]) + formal;
  const int adjective = form - 2 * kNouns;
  return upper(kAdjectiveNames[static_cast<size_t>(adjective / 4)]) + (adjective / 2 % 2 ? "a" : "o") + formal;
}

ToyTranslations toy_translations(const ToyLanguage& language, RandomStream& random, int64_t sentences) {
  ToyTranslations batch;
  std::vector<int32_t> source, target;
  double nats = 0;
  for (int64_t s = 0; s < sentences; ++s) {
    const int pairs = language.least_pairs + draw(random, language.most_pairs - language.least_pairs + 1);
    source.clear();
    target.clear();
    for (int i = 0; i < pairs; ++i) {
      source.push_back(ToyLanguage::source_adjective(draw(random, ToyLanguage::kAdjectives)));
      source.push_back(ToyLanguage::source_noun(draw(random, ToyLanguage::kNouns)));
    }
    int formal = draw(random, 2);
    for (int i = 0; i < pairs; ++i) {
      const int pair = language.reversed ? pairs - 1 - i : i;
      const auto place = 2 * static_cast<size_t>(pair);
      const int adjective = source[place] - ToyLanguage::source_adjective(0);
      const int noun = source[place + 1] - ToyLanguage::source_noun(0);
      target.push_back(ToyLanguage::target_noun(noun, formal));
      if (!language.one_register) formal = draw(random, 2);
      target.push_back(ToyLanguage::target_adjective(adjective, noun % 2, formal));
      if (!language.one_register) formal = draw(random, 2);
      batch.places.insert(batch.places.end(), {2 * pair + 1, 2 * pair});
    }
    target.push_back(ToyLanguage::kEnd);
    batch.places.push_back(-1);
    nats += std::numbers::ln2 * (language.one_register ? 1 : 2 * pairs);
    batch.tokens.source.add(s, source);
    batch.tokens.target_in.add_shifted(s, ToyLanguage::kStart, target);
    batch.tokens.target_out.add(s, target);
  }
  batch.entropy = nats / static_cast<double>(std::max<int64_t>(1, batch.tokens.target_out.tokens()));
  return batch;
}

}  // namespace heddle::lab
