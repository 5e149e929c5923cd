#include "heddle/data/pairs/sentence_pairs.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

class PairMaker {
 public:
  PairMaker(std::span<const int64_t> sentences, const PairOptions& options, RandomStream& random)
      : sentences_(sentences), options_(options), random_(random) {
    ends_.resize(sentences.size());
    std::partial_sum(sentences.begin(), sentences.end(), ends_.begin());
  }

  // Another second sentence for `pair`, if there is one.
  std::optional<SentencePair> negative(const SentencePair& pair) {
    std::optional<SentencePlace> second;
    switch (options_.negative) {
      case NegativeKind::swapped: return SentencePair{pair.second, pair.first, false};
      case NegativeKind::random: second = elsewhere(pair.first.document); break;
      case NegativeKind::same_document: second = same_document(pair.first); break;
      case NegativeKind::hard: second = most_alike(pair.first); break;
    }
    if (!second) return {};
    return SentencePair{pair.first, *second, false};
  }

 private:
  // A sentence of another document, all of them alike.
  std::optional<SentencePlace> elsewhere(int64_t document) {
    const auto here = static_cast<size_t>(document);
    const int64_t others = ends_.back() - sentences_[here];
    if (others == 0) return {};
    auto at = static_cast<int64_t>(random_.below(static_cast<uint64_t>(others)));
    if (at >= ends_[here] - sentences_[here]) at += sentences_[here];
    const auto found = std::ranges::upper_bound(ends_, at) - ends_.begin();
    return SentencePlace{found, at - (ends_[static_cast<size_t>(found)] - sentences_[static_cast<size_t>(found)])};
  }

  // Neither the sentence itself nor the next.
  std::optional<SentencePlace> same_document(SentencePlace first) {
    const int64_t others = sentences_[static_cast<size_t>(first.document)] - 2;
    if (others < 1) return {};
    const auto at = static_cast<int64_t>(random_.below(static_cast<uint64_t>(others)));
    return SentencePlace{first.document, at < first.sentence ? at : at + 2};
  }

  std::optional<SentencePlace> most_alike(SentencePlace first) {
    std::optional<SentencePlace> best;
    double best_score = 0;
    for (int64_t i = 0; i < options_.candidates; ++i) {
      const auto candidate = elsewhere(first.document);
      if (!candidate) return {};
      const double score = options_.similarity(first, *candidate);
      if (!best || score > best_score) best = candidate, best_score = score;
    }
    return best;
  }

  std::span<const int64_t> sentences_;
  const PairOptions& options_;
  RandomStream& random_;
  std::vector<int64_t> ends_;
};

}  // namespace

std::vector<SentencePair> make_sentence_pairs(std::span<const int64_t> sentences, const PairOptions& options,
                                              RandomKey key) {
  if (!(options.negatives >= 0 && options.negatives <= 1))
    fail_input("the share of negative pairs is {}; expected 0 to 1", options.negatives);
  if (options.negative == NegativeKind::hard && (!options.similarity || options.candidates < 1))
    fail_input("hard negatives need a similarity and candidates to choose from; {} are asked for", options.candidates);
  std::vector<SentencePair> pairs;
  for (size_t document = 0; document < sentences.size(); ++document)
    for (int64_t i = 0; i + 1 < sentences[document]; ++i) {
      const auto here = static_cast<int64_t>(document);
      pairs.push_back({{here, i}, {here, i + 1}, true});
    }
  RandomStream random(key);
  shuffle(std::span(pairs), random);
  PairMaker maker(sentences, options, random);
  // Pairs are in random order: balanced negatives are simply the first ones that can be made.
  auto left = static_cast<int64_t>(std::llround(options.negatives * static_cast<double>(pairs.size())));
  for (SentencePair& pair : pairs) {
    if (options.balanced ? left == 0 : random.uniform() >= options.negatives) continue;
    if (const auto negative = maker.negative(pair)) {
      pair = *negative;
      --left;
    }
  }
  shuffle(std::span(pairs), random);
  return pairs;
}

}  // namespace heddle::data
