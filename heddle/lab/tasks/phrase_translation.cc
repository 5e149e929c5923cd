#include "heddle/lab/tasks/phrase_translation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/base/error.h"

namespace heddle::lab {

PhraseTranslation::PhraseTranslation(int32_t words, int choices, double spread, RandomStream& random) : words_(words) {
  HEDDLE_CHECK(words >= 1 && choices >= 1 && choices <= words, "phrases need 1 to {} choices for {} words, got {}",
               words, words, choices);
  const auto word = [&] { return kFirstWord + static_cast<int32_t>(random.below(static_cast<uint64_t>(words))); };
  phrases_.resize(static_cast<size_t>(words));
  for (std::vector<Phrase>& phrases : phrases_) {
    double total = 0;
    while (std::ssize(phrases) < choices) {
      Phrase phrase{std::exp(spread * random.normal()), {word()}};
      if (random.below(2) == 1) phrase.words.push_back(word());
      if (std::ranges::count(phrases, phrase.words, &Phrase::words) > 0) continue;
      total += phrase.probability;
      phrases.push_back(std::move(phrase));
    }
    for (Phrase& phrase : phrases) phrase.probability /= total;
  }
}

std::vector<int32_t> PhraseTranslation::source(int64_t length, RandomStream& random) const {
  std::vector<int32_t> words;
  for (int64_t i = 0; i < length; ++i)
    words.push_back(kFirstWord + static_cast<int32_t>(random.below(static_cast<uint64_t>(words_))));
  words.push_back(kEnd);
  return words;
}

std::vector<int32_t> PhraseTranslation::translate(const std::vector<int32_t>& source, RandomStream& random) const {
  std::vector<int32_t> target;
  for (const int32_t word : source) {
    if (word == kEnd) break;
    const std::vector<Phrase>& phrases = phrases_[static_cast<size_t>(word - kFirstWord)];
    double left = random.uniform();
    auto phrase = phrases.begin();
    while (phrase + 1 != phrases.end() && (left -= phrase->probability) >= 0) ++phrase;
    target.insert(target.end(), phrase->words.begin(), phrase->words.end());
  }
  target.push_back(kEnd);
  return target;
}

double PhraseTranslation::log_probability(const std::vector<int32_t>& source,
                                          const std::vector<int32_t>& target) const {
  // reached[n]: the probability that the source words so far gave the first n target words.
  std::vector<double> reached(target.size(), 0.0), next(target.size());
  reached[0] = 1;
  for (const int32_t word : source) {
    if (word == kEnd) break;
    std::ranges::fill(next, 0.0);
    for (const Phrase& phrase : phrases_[static_cast<size_t>(word - kFirstWord)])
      for (size_t n = 0; n + phrase.words.size() < target.size(); ++n)
        if (std::equal(phrase.words.begin(), phrase.words.end(), target.begin() + static_cast<std::ptrdiff_t>(n)))
          next[n + phrase.words.size()] += reached[n] * phrase.probability;
    reached.swap(next);
  }
  return target.back() == kEnd ? std::log(reached.back()) : -std::numeric_limits<double>::infinity();
}

data::TranslationBatch PhraseTranslation::batch(int64_t sequences, int64_t length, RandomStream& random) const {
  data::TranslationBatch batch;
  for (int64_t i = 0; i < sequences; ++i) {
    const std::vector<int32_t> from = source(length, random), to = translate(from, random);
    batch.source.add(i, from);
    batch.target_in.add_shifted(i, kStart, to);
    batch.target_out.add(i, to);
  }
  return batch;
}

}  // namespace heddle::lab
