#include "heddle/text/trainers/unigram_em.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/base/thread_loop.h"
#include "heddle/base/utf8.h"

namespace heddle::text {
namespace {

constexpr double kUnit = 0x1p24;  // integers in one
constexpr int64_t kWordsForAThread = 256, kPiecesForAThread = 1024;
constexpr double kLeastCount = 0.5;

// Sums of every thread's own, added up.
template <class Add>
std::vector<int64_t> sum_over_words(std::span<const WordCount> words, size_t sums, Add&& add) {
  std::vector<std::vector<int64_t>> of_threads(static_cast<size_t>(thread_count()));
  parallel_for(std::ssize(words), kWordsForAThread, [&](int64_t begin, int64_t end, int lane) {
    std::vector<int64_t>& mine = of_threads[static_cast<size_t>(lane)];
    mine.resize(sums);
    add(words.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)), mine);
  });
  std::vector<int64_t> all(sums);
  for (const std::vector<int64_t>& mine : of_threads)
    for (size_t i = 0; i < mine.size(); ++i) all[i] += mine[i];
  return all;
}

// How often each piece stands in the best cuts of the words.
std::vector<int64_t> count_best(std::span<const WordCount> words, std::span<const UnigramPiece> pieces,
                                const ByteTrie& trie) {
  return sum_over_words(words, pieces.size(), [&](std::span<const WordCount> mine, std::vector<int64_t>& counts) {
    PieceLattice lattice(pieces, trie);
    for (const WordCount& entry : mine) {
      lattice.set(entry.word);
      for (const int32_t piece : lattice.best()) counts[static_cast<size_t>(piece)] += entry.count;
    }
  });
}

constexpr double kKeep = std::numeric_limits<double>::infinity(), kDrop = -1;

// What the words lose with a piece, where its places go to the pieces that its own best cut has without it.
class Losses {
 public:
  Losses(std::span<const WordCount> words, std::span<const UnigramPiece> pieces)
      : pieces_(pieces), trie_(trie_of(pieces)), counts_(count_best(words, pieces, trie_)) {
    for (const int64_t count : counts_) sum_ += static_cast<double>(count);
    for (const WordCount& entry : words) words_ += static_cast<double>(entry.count);
  }

  double of(size_t piece) const {
    if (is_character(pieces_[piece].text)) return kKeep;
    const auto count = static_cast<double>(counts_[piece]);
    if (count == 0) return kDrop;
    PieceLattice lattice(pieces_, trie_);
    lattice.set(pieces_[piece].text, static_cast<int32_t>(piece));
    const std::vector<int32_t> others = lattice.best();
    if (others.empty()) return kKeep;
    const double sum_without = sum_ + count * static_cast<double>(std::ssize(others) - 1);
    double without = 0;
    for (const int32_t other : others)
      without += std::log(static_cast<double>(counts_[static_cast<size_t>(other)]) + count) - std::log(sum_without);
    return count / words_ * (std::log(count) - std::log(sum_) - without);
  }

 private:
  std::span<const UnigramPiece> pieces_;
  ByteTrie trie_;
  std::vector<int64_t> counts_;
  double sum_ = 0, words_ = 0;
};

}  // namespace

bool is_character(std::string_view text) {
  return !text.empty() && read_code_point(text, 0).length == std::ssize(text);
}

// ψ(x) = ψ(x + 1) − 1/x up to 7, then its asymptotic series (Abramowitz and Stegun 6.3.18).
double digamma(double x) {
  double value = 0;
  for (; x < 7; x += 1) value -= 1 / x;
  const double y = 1 / (x * x);
  return value + std::log(x) - 0.5 / x -
         y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y * (1.0 / 132)))));
}

Expectation expect(std::span<const WordCount> words, std::span<const UnigramPiece> pieces) {
  const ByteTrie trie = trie_of(pieces);
  // The last sum is the likelihood's, which needs room more than it needs digits.
  constexpr double kLikelihoodUnit = 0x1p16;
  const auto sums =
      sum_over_words(words, pieces.size() + 1, [&](std::span<const WordCount> mine, std::vector<int64_t>& counts) {
        PieceLattice lattice(pieces, trie);
        std::vector<std::pair<int32_t, double>> expected;
        for (const WordCount& entry : mine) {
          lattice.set(entry.word);
          expected.clear();
          const double all = lattice.expectations(expected);
          if (std::isinf(all)) continue;
          const auto times = static_cast<double>(entry.count);
          counts.back() += std::llround(all * times * kLikelihoodUnit);
          for (const auto& [piece, number] : expected)
            counts[static_cast<size_t>(piece)] += std::llround(number * times * kUnit);
        }
      });
  Expectation expectation;
  expectation.log_likelihood = static_cast<double>(sums.back()) / kLikelihoodUnit;
  for (size_t i = 0; i < pieces.size(); ++i) expectation.counts.push_back(static_cast<double>(sums[i]) / kUnit);
  return expectation;
}

std::vector<UnigramPiece> maximize(std::vector<UnigramPiece> pieces, std::span<const double> counts) {
  double sum = 0;
  size_t kept = 0;
  std::vector<double> kept_counts;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (counts[i] < kLeastCount && !is_character(pieces[i].text)) continue;
    sum += kept_counts.emplace_back(std::max(counts[i], kLeastCount));
    if (kept != i) pieces[kept] = std::move(pieces[i]);
    ++kept;
  }
  pieces.resize(kept);
  const double of_sum = sum > 0 ? digamma(sum) : 0;
  for (size_t i = 0; i < kept; ++i) pieces[i].score = digamma(kept_counts[i]) - of_sum;
  return pieces;
}

std::vector<UnigramPiece> prune(std::span<const WordCount> words, std::vector<UnigramPiece> pieces, int64_t most) {
  const Losses losses(words, pieces);
  std::vector<double> loss(pieces.size());
  parallel_for(std::ssize(pieces), kPiecesForAThread, [&](int64_t begin, int64_t end, int) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) loss[i] = losses.of(i);
  });
  std::vector<size_t> order(pieces.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](size_t a, size_t b) {
    return loss[a] != loss[b] ? loss[a] > loss[b] : pieces[a].text < pieces[b].text;
  });
  std::vector<UnigramPiece> kept;
  for (const size_t i : order)
    if (loss[i] == kKeep || (loss[i] != kDrop && std::ssize(kept) < most)) kept.push_back(std::move(pieces[i]));
  return kept;
}

}  // namespace heddle::text
