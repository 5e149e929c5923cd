#include "heddle/text/trainers/word_lattices.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"

namespace heddle::text {
namespace {

constexpr double kUnit = 0x1p24, kLikelihoodUnit = 0x1p16;  // integers in one; likelihoods need room more than digits
constexpr double kLogOfZero = -std::numeric_limits<double>::infinity();

// A piece in a word, with its weight.
struct Edge {
  uint32_t begin, end;
  uint32_t piece;
  double weight;
};

std::vector<uint32_t> lengths_of(std::span<const UnigramPiece> pieces) {
  std::vector<uint32_t> lengths;
  lengths.reserve(pieces.size());
  for (const UnigramPiece& piece : pieces) lengths.push_back(static_cast<uint32_t>(piece.text.size()));
  return lengths;
}

double log_sum(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kLogOfZero ? a : a + std::log1p(std::exp(b - a));
}

// Forward and backward sums over one word's edges.
class Sums {
 public:
  // Weights are probabilities times `per_byte` to the power of the bytes, which keeps products near 1. The logarithm of
  // the sum of all cuts' products; NaN where that lies beyond what a double can say. Calls use(piece, expected number).
  template <class Use>
  double of_products(const std::vector<Edge>& edges, size_t bytes, Use&& use) {
    before_.assign(bytes + 1, 0);
    behind_.assign(bytes + 1, 0);
    before_[0] = behind_[bytes] = 1;
    for (const Edge& edge : edges) before_[edge.end] += before_[edge.begin] * edge.weight;
    const double all = before_[bytes];
    if (all == 0 && edges.empty()) return kLogOfZero;
    if (!(all > 1e-250 && all < 1e250)) return std::numeric_limits<double>::quiet_NaN();
    for (auto edge = edges.rbegin(); edge != edges.rend(); ++edge) {
      const double through = edge->weight * behind_[edge->end];
      behind_[edge->begin] += through;
      use(edge->piece, before_[edge->begin] * through / all);
    }
    return std::log(all);
  }

  // The same, where weights are logarithms of probabilities; −∞: there is no cut.
  template <class Use>
  double of_logarithms(const std::vector<Edge>& edges, size_t bytes, Use&& use) {
    before_.assign(bytes + 1, kLogOfZero);
    behind_.assign(bytes + 1, kLogOfZero);
    before_[0] = behind_[bytes] = 0;
    for (const Edge& edge : edges)
      if (before_[edge.begin] != kLogOfZero)
        before_[edge.end] = log_sum(before_[edge.end], before_[edge.begin] + edge.weight);
    const double all = before_[bytes];
    if (all == kLogOfZero) return all;
    for (auto edge = edges.rbegin(); edge != edges.rend(); ++edge) {
      const double through = edge->weight + behind_[edge->end];
      if (through == kLogOfZero || before_[edge->begin] == kLogOfZero) continue;
      behind_[edge->begin] = log_sum(behind_[edge->begin], through);
      use(edge->piece, std::exp(before_[edge->begin] + through - all));
    }
    return all;
  }

 private:
  std::vector<double> before_, behind_;
};

// How many nats a byte costs in text that the pieces' probabilities make: with that, products of words stay near 1.
double nats_per_byte(std::span<const UnigramPiece> pieces) {
  double nats = 0, bytes = 0;
  for (const UnigramPiece& piece : pieces) {
    const double probability = std::exp(piece.score);
    nats -= probability * piece.score;
    bytes += probability * static_cast<double>(piece.text.size());
  }
  return bytes > 0 ? nats / bytes : 0;
}

}  // namespace

WordLattices::WordLattices(std::span<const WordCount> words, std::span<const UnigramPiece> pieces)
    : words_(words), blocks_((words.size() + kWordsInBlock - 1) / kWordsInBlock) {
  const ByteTrie trie = trie_of(pieces);
  parallel_for(std::ssize(blocks_), 1, [&](int64_t first, int64_t last, int) {
    std::vector<bool> reached;
    for (auto b = static_cast<size_t>(first); b < static_cast<size_t>(last); ++b) {
      Block& block = blocks_[b];
      for (size_t w = b * kWordsInBlock; w < std::min(words.size(), (b + 1) * kWordsInBlock); ++w) {
        const std::string_view word = words[w].word;
        if (word.size() >= kMove) fail_input("a word of {} bytes is too long to learn from", word.size());
        reached.assign(word.size() + 1, false);
        reached[0] = true;
        for (size_t at = 0; at < word.size(); ++at) {
          if (!reached[at]) continue;
          block.steps.push_back(kMove + static_cast<uint32_t>(at));
          trie.each_prefix(word.substr(at), [&](size_t length, int32_t piece) {
            block.steps.push_back(static_cast<uint32_t>(piece));
            reached[at + length] = true;
          });
        }
        block.ends.push_back(static_cast<uint32_t>(block.steps.size()));
      }
      block.steps.shrink_to_fit();
    }
  });
}

// Calls use(word, its steps).
template <class Use>
void WordLattices::each_word(size_t block, Use&& use) const {
  const auto& [steps, ends] = blocks_[block];
  uint32_t begin = 0;
  for (size_t i = 0; i < ends.size(); begin = ends[i++])
    use(words_[block * kWordsInBlock + i], std::span(steps).subspan(begin, ends[i] - begin));
}

// Sums of every thread's own, added up.
template <class Add>
std::vector<int64_t> WordLattices::sum_over_blocks(size_t sums, Add&& add) const {
  std::vector<std::vector<int64_t>> of_threads(static_cast<size_t>(thread_count()));
  parallel_for(std::ssize(blocks_), 1, [&](int64_t begin, int64_t end, int lane) {
    std::vector<int64_t>& mine = of_threads[static_cast<size_t>(lane)];
    mine.resize(sums);
    add(static_cast<size_t>(begin), static_cast<size_t>(end), mine);
  });
  std::vector<int64_t> all(sums);
  for (const std::vector<int64_t>& mine : of_threads)
    for (size_t i = 0; i < mine.size(); ++i) all[i] += mine[i];
  return all;
}

Expectation WordLattices::expect(std::span<const UnigramPiece> pieces) const {
  const std::vector<uint32_t> lengths = lengths_of(pieces);
  const double per_byte = nats_per_byte(pieces);
  std::vector<double> weights;
  weights.reserve(pieces.size());
  for (const UnigramPiece& piece : pieces)
    weights.push_back(std::exp(piece.score + per_byte * static_cast<double>(piece.text.size())));
  const auto sums = sum_over_blocks(pieces.size() + 1, [&](size_t first, size_t last, std::vector<int64_t>& counts) {
    Sums of_word;
    std::vector<Edge> edges;
    const auto add_word = [&](const WordCount& entry, std::span<const uint32_t> steps) {
      edges.clear();
      uint32_t at = 0;
      for (const uint32_t step : steps) {
        if (step >= kMove) at = step - kMove;
        else edges.push_back({at, at + lengths[step], step, weights[step]});
      }
      const auto times = static_cast<double>(entry.count);
      const auto add = [&](uint32_t piece, double expected) {
        counts[piece] += static_cast<int64_t>(expected * times * kUnit + 0.5);
      };
      const size_t bytes = entry.word.size();
      double log_likelihood = of_word.of_products(edges, bytes, add) - per_byte * static_cast<double>(bytes);
      if (std::isnan(log_likelihood)) {
        for (Edge& edge : edges) edge.weight = pieces[edge.piece].score;
        log_likelihood = of_word.of_logarithms(edges, bytes, add);
      }
      if (log_likelihood != kLogOfZero) counts.back() += std::llround(log_likelihood * times * kLikelihoodUnit);
    };
    for (size_t b = first; b < last; ++b) each_word(b, add_word);
  });
  Expectation expectation;
  expectation.log_likelihood = static_cast<double>(sums.back()) / kLikelihoodUnit;
  for (size_t i = 0; i < pieces.size(); ++i) expectation.counts.push_back(static_cast<double>(sums[i]) / kUnit);
  return expectation;
}

std::vector<int64_t> WordLattices::count_best(std::span<const UnigramPiece> pieces) const {
  const std::vector<uint32_t> lengths = lengths_of(pieces);
  std::vector<double> scores;
  scores.reserve(pieces.size());
  for (const UnigramPiece& piece : pieces) scores.push_back(piece.score);
  return sum_over_blocks(pieces.size(), [&](size_t first, size_t last, std::vector<int64_t>& counts) {
    struct Best {
      double score = kLogOfZero;
      uint32_t begin = 0, piece = 0;
    };
    std::vector<Best> best;
    const auto add_word = [&](const WordCount& entry, std::span<const uint32_t> steps) {
      best.assign(entry.word.size() + 1, Best());
      best[0].score = 0;
      uint32_t at = 0;
      for (const uint32_t step : steps) {
        if (step >= kMove) {
          at = step - kMove;
          continue;
        }
        const double score = best[at].score + scores[step];
        if (Best& end = best[at + lengths[step]]; score > end.score) end = {score, at, step};
      }
      if (best.back().score == kLogOfZero) return;
      for (size_t end = entry.word.size(); end > 0; end = best[end].begin) counts[best[end].piece] += entry.count;
    };
    for (size_t b = first; b < last; ++b) each_word(b, add_word);
  });
}

void WordLattices::renumber(std::span<const int32_t> numbers) {
  parallel_for(std::ssize(blocks_), 1, [&](int64_t first, int64_t last, int) {
    for (auto b = static_cast<size_t>(first); b < static_cast<size_t>(last); ++b) {
      auto& [steps, ends] = blocks_[b];
      uint32_t kept = 0, at = 0;
      for (uint32_t& end : ends) {
        for (; at < end; ++at) {
          const int32_t number = steps[at] >= kMove ? 0 : numbers[steps[at]];
          if (number >= 0) steps[kept++] = steps[at] >= kMove ? steps[at] : static_cast<uint32_t>(number);
        }
        end = kept;
      }
      steps.resize(kept);
      if (steps.capacity() > 2 * steps.size()) steps.shrink_to_fit();
    }
  });
}

}  // namespace heddle::text
