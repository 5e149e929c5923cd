#include "heddle/text/models/cut_lattice.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

double log_of_sum(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kNone ? a : a + std::log1p(std::exp(b - a));
}

}  // namespace

size_t draw_by_log_weights(const std::vector<double>& weights, RandomStream& random) {
  const double most = *std::ranges::max_element(weights);
  double sum = 0;
  for (const double weight : weights) sum += std::exp(weight - most);
  double rest = random.uniform() * sum;
  size_t drawn = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const double share = std::exp(weights[i] - most);
    if (share == 0) continue;
    drawn = i;  // of the last one, if rounding leaves a little
    if ((rest -= share) < 0) break;
  }
  return drawn;
}

void CutLattice::reset(uint32_t bytes) {
  bytes_ = bytes;
  edges_.clear();
}

CutLattice::Cut CutLattice::sample(double alpha, RandomStream& random) {
  before_.assign(bytes_ + 1, kNone);
  before_[0] = 0;
  end_begin_.assign(bytes_ + 2, 0);
  for (const Edge& edge : edges_) {
    before_[edge.end] = log_of_sum(before_[edge.end], before_[edge.begin] + alpha * edge.score);
    ++end_begin_[edge.end + 1];
  }
  for (size_t i = 1; i < end_begin_.size(); ++i) end_begin_[i] += end_begin_[i - 1];
  by_end_.resize(edges_.size());
  std::vector<uint32_t> next(end_begin_.begin(), end_begin_.end() - 1);
  for (uint32_t i = 0; i < edges_.size(); ++i) by_end_[next[edges_[i].end]++] = i;
  Cut cut;
  std::vector<double> weights;
  for (uint32_t at = bytes_; at > 0; at = cut.back().begin) {
    weights.clear();
    for (uint32_t i = end_begin_[at]; i < end_begin_[at + 1]; ++i) {
      const Edge& edge = edges_[by_end_[i]];
      weights.push_back(before_[edge.begin] + alpha * edge.score);
    }
    cut.push_back(edges_[by_end_[end_begin_[at] + draw_by_log_weights(weights, random)]]);
  }
  std::ranges::reverse(cut);
  return cut;
}

std::vector<std::pair<CutLattice::Cut, double>> CutLattice::best(int64_t most) const {
  // The best ways to each place, best first: the last edge, and which of the ways to its begin came before.
  struct Way {
    double score;
    uint32_t edge, before;
  };
  constexpr int64_t kMostWays = int64_t{1} << 26;  // 1 GB
  if (most > kMostWays / (int64_t{bytes_} + 1))
    fail_input(
        "the {} most probable ways to cut a piece of {} bytes may take more than 1 GB; ask for fewer, or cut it first",
        most, bytes_);
  std::vector<std::vector<Way>> ways(bytes_ + 1);
  ways[0] = {{0, 0, 0}};
  const auto better = [](const Way& a, const Way& b) {
    return a.score != b.score ? a.score > b.score : std::pair(a.edge, a.before) < std::pair(b.edge, b.before);
  };
  const auto keep_best = [&](std::vector<Way>& list) {
    std::ranges::sort(list, better);
    if (std::ssize(list) > most) list.resize(static_cast<size_t>(most));
  };
  uint32_t ready = 0;  // ways to places up to here are in order
  for (uint32_t i = 0; i < edges_.size(); ++i) {
    const Edge& edge = edges_[i];
    for (; ready < edge.begin; ++ready) keep_best(ways[ready + 1]);
    const std::vector<Way>& from = ways[edge.begin];
    for (uint32_t k = 0; k < from.size(); ++k) ways[edge.end].push_back({from[k].score + edge.score, i, k});
  }
  keep_best(ways[bytes_]);
  std::vector<std::pair<Cut, double>> cuts;
  for (const Way& way : ways[bytes_]) {
    Cut& cut = cuts.emplace_back(Cut(), way.score).first;
    const Way* step = &way;
    for (uint32_t at = bytes_; at > 0; step = &ways[at][step->before]) {
      cut.push_back(edges_[step->edge]);
      at = cut.back().begin;
    }
    std::ranges::reverse(cut);
  }
  return cuts;
}

}  // namespace heddle::text
