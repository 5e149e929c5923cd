#include "heddle/text/trainers/unigram_em.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/base/thread_loop.h"
#include "heddle/base/utf8.h"

namespace heddle::text {
namespace {

constexpr int64_t kPiecesForAThread = 1024;
constexpr double kLeastCount = 0.5;

constexpr double kKeep = std::numeric_limits<double>::infinity(), kDrop = -1;

// What the words lose with a piece, where its places go to the pieces that its own best cut has without it.
class Losses {
 public:
  Losses(const WordLattices& words, std::span<const UnigramPiece> pieces)
      : pieces_(pieces), trie_(trie_of(pieces)), counts_(words.count_best(pieces)) {
    for (const int64_t count : counts_) sum_ += static_cast<double>(count);
    for (const WordCount& entry : words.words()) words_ += static_cast<double>(entry.count);
  }

  PieceLattice lattice() const { return PieceLattice(pieces_, trie_); }

  double of(size_t piece, PieceLattice& lattice) const {
    if (is_character(pieces_[piece].text)) return kKeep;
    const auto count = static_cast<double>(counts_[piece]);
    if (count == 0) return kDrop;
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

std::vector<int32_t> maximize(std::vector<UnigramPiece>& pieces, std::span<const double> counts) {
  double sum = 0;
  size_t kept = 0;
  std::vector<double> kept_counts;
  std::vector<int32_t> numbers(pieces.size(), -1);
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (counts[i] < kLeastCount && !is_character(pieces[i].text)) continue;
    sum += kept_counts.emplace_back(std::max(counts[i], kLeastCount));
    if (kept != i) pieces[kept] = std::move(pieces[i]);
    numbers[i] = static_cast<int32_t>(kept++);
  }
  pieces.resize(kept);
  const double of_sum = sum > 0 ? digamma(sum) : 0;
  for (size_t i = 0; i < kept; ++i) pieces[i].score = digamma(kept_counts[i]) - of_sum;
  return numbers;
}

std::vector<int32_t> prune(const WordLattices& words, std::vector<UnigramPiece>& pieces, int64_t most) {
  const Losses losses(words, pieces);
  std::vector<double> loss(pieces.size());
  parallel_for(std::ssize(pieces), kPiecesForAThread, [&](int64_t begin, int64_t end, int) {
    PieceLattice lattice = losses.lattice();
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) loss[i] = losses.of(i, lattice);
  });
  std::vector<size_t> order(pieces.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](size_t a, size_t b) {
    return loss[a] != loss[b] ? loss[a] > loss[b] : pieces[a].text < pieces[b].text;
  });
  std::vector<UnigramPiece> kept;
  std::vector<int32_t> numbers(pieces.size(), -1);
  for (const size_t i : order) {
    if (loss[i] != kKeep && (loss[i] == kDrop || std::ssize(kept) >= most)) continue;
    numbers[i] = static_cast<int32_t>(kept.size());
    kept.push_back(std::move(pieces[i]));
  }
  pieces = std::move(kept);
  return numbers;
}

}  // namespace heddle::text
