#include "heddle/metrics/ngram_matches.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

namespace heddle::metrics {
namespace {

// The n-gram that begins at symbol `at` of a text. Its key joins the rank of its first n-1 symbols
// and its last symbol, so that equal keys mean equal n-grams.
struct Ngram {
  uint64_t key;
  uint32_t text;  // 0: the hypothesis; k: reference k - 1
  uint32_t at;
};

class NgramCounter {
 public:
  NgramCounter(const Symbols& hypothesis, std::span<const Symbols> references) {
    texts_.push_back(&hypothesis);
    for (const Symbols& reference : references) texts_.push_back(&reference);
    for (const Symbols* text : texts_) ranks_.emplace_back(text->size(), 0);
  }

  // To be called for n = 1, 2, ... in turn.
  NgramMatches count(size_t n) {
    list_ngrams(n);
    NgramMatches sums;
    uint32_t rank = 0;
    for (auto first = ngrams_.begin(); first != ngrams_.end(); ++rank) {
      const auto last = std::find_if(first, ngrams_.end(), [&](const Ngram& other) { return other.key != first->key; });
      add_equal_ngrams(sums, {first, last}, rank);
      first = last;
    }
    return sums;
  }

 private:
  void list_ngrams(size_t n) {
    ngrams_.clear();
    for (uint32_t t = 0; t < texts_.size(); ++t) {
      const Symbols& text = *texts_[t];
      for (uint32_t at = 0; at + n <= text.size(); ++at)
        ngrams_.push_back(
            {static_cast<uint64_t>(ranks_[t][at]) << 32 | static_cast<uint32_t>(text[at + n - 1]), t, at});
    }
    std::ranges::sort(ngrams_, {}, [](const Ngram& g) { return std::pair(g.key, g.text); });
  }

  // `equal` is ordered by text.
  void add_equal_ngrams(NgramMatches& sums, std::span<const Ngram> equal, uint32_t rank) {
    int64_t hypothesis = 0, most = 0, run = 0;
    for (size_t i = 0; i < equal.size(); ++i) {
      ranks_[equal[i].text][equal[i].at] = rank;
      run = i > 0 && equal[i].text == equal[i - 1].text ? run + 1 : 1;
      if (equal[i].text == 0) hypothesis = run;
      else most = std::max(most, run);
    }
    sums.hypothesis += hypothesis;
    sums.reference += static_cast<int64_t>(equal.size()) - hypothesis;
    sums.matches += std::min(hypothesis, most);
  }

  std::vector<const Symbols*> texts_;
  std::vector<std::vector<uint32_t>> ranks_;  // of the (n-1)-gram that begins at each symbol
  std::vector<Ngram> ngrams_;
};

}  // namespace

std::vector<NgramMatches> match_ngrams(const Symbols& hypothesis, std::span<const Symbols> references, int orders) {
  NgramCounter counter(hypothesis, references);
  std::vector<NgramMatches> matches;
  for (int n = 1; n <= orders; ++n) matches.push_back(counter.count(static_cast<size_t>(n)));
  return matches;
}

std::vector<Symbols> number_words(std::span<const std::vector<std::string>> texts) {
  std::map<std::string_view, int32_t> numbers;
  std::vector<Symbols> numbered;
  for (const auto& words : texts) {
    Symbols& text = numbered.emplace_back();
    for (const std::string& word : words)
      text.push_back(numbers.try_emplace(word, static_cast<int32_t>(numbers.size())).first->second);
  }
  return numbered;
}

}  // namespace heddle::metrics
