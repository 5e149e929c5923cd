// Drawing and listing cuts against all cuts, written out.

#include "heddle/text/models/cut_lattice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace heddle::text {
namespace {

using Ids = std::vector<int32_t>;

Ids ids_of(const CutLattice::Cut& cut) {
  Ids ids;
  for (const CutLattice::Edge& edge : cut) ids.push_back(edge.id);
  return ids;
}

// Edges between places 0 … bytes; a chain of single steps makes sure that the end is reached.
std::vector<CutLattice::Edge> random_edges(uint32_t bytes, RandomStream& random) {
  std::vector<CutLattice::Edge> edges;
  for (uint32_t begin = 0; begin < bytes; ++begin)
    for (uint32_t end = begin + 1; end <= bytes; ++end)
      if (end == begin + 1 || random.below(2) == 0)
        edges.push_back({begin, end, static_cast<int32_t>(edges.size()), -6 * random.uniform()});
  return edges;
}

void all_cuts(const std::vector<CutLattice::Edge>& edges, uint32_t at, uint32_t end, Ids& so_far, double score,
              std::vector<std::pair<double, Ids>>& cuts) {
  if (at == end) cuts.emplace_back(score, so_far);
  for (const auto& edge : edges) {
    if (edge.begin != at) continue;
    so_far.push_back(edge.id);
    all_cuts(edges, edge.end, end, so_far, score + edge.score, cuts);
    so_far.pop_back();
  }
}

CutLattice lattice_of(const std::vector<CutLattice::Edge>& edges, uint32_t bytes) {
  CutLattice lattice;
  lattice.reset(bytes);
  for (const auto& edge : edges) lattice.add(edge);
  return lattice;
}

TEST(CutLattice, TheBestCutsAreTheBestOfAll) {
  RandomStream random(RandomKey{.seed = 21});
  for (int trial = 0; trial < 60; ++trial) {
    const auto bytes = static_cast<uint32_t>(1 + random.below(8));
    const auto edges = random_edges(bytes, random);
    std::vector<std::pair<double, Ids>> cuts;
    Ids so_far;
    all_cuts(edges, 0, bytes, so_far, 0, cuts);
    std::ranges::sort(cuts, std::greater<>());
    for (const int64_t most : {1, 5, 1000}) {
      const auto found = lattice_of(edges, bytes).best(most);
      ASSERT_EQ(found.size(), std::min(cuts.size(), static_cast<size_t>(most)));
      for (size_t i = 0; i < found.size(); ++i) {
        EXPECT_NEAR(found[i].second, cuts[i].first, 1e-9);
        EXPECT_EQ(ids_of(found[i].first), cuts[i].second) << "trial " << trial << ", cut " << i;
      }
    }
  }
}

// Pearson's statistic of the draws against the exact probabilities; under the law its mean is the number of cuts minus
// one and its variance twice that.
TEST(CutLattice, CutsAreDrawnByTheirProbability) {
  RandomStream random(RandomKey{.seed = 22});
  for (const double alpha : {0.0, 0.3, 1.0}) {
    const auto edges = random_edges(5, random);
    CutLattice lattice = lattice_of(edges, 5);
    std::vector<std::pair<double, Ids>> cuts;
    Ids so_far;
    all_cuts(edges, 0, 5, so_far, 0, cuts);
    ASSERT_GT(cuts.size(), 3u);
    double sum = 0;
    for (const auto& [score, ids] : cuts) sum += std::exp(alpha * score);
    constexpr int kDraws = 20000;
    std::map<Ids, int> seen;
    for (int i = 0; i < kDraws; ++i) ++seen[ids_of(lattice.sample(alpha, random))];
    double statistic = 0;
    int total = 0;
    for (const auto& [score, ids] : cuts) {
      const double expected = kDraws * std::exp(alpha * score) / sum;
      statistic += (seen[ids] - expected) * (seen[ids] - expected) / expected;
      total += seen[ids];
    }
    const auto freedom = static_cast<double>(cuts.size() - 1);
    EXPECT_EQ(total, kDraws);
    EXPECT_LT(statistic, freedom + 5 * std::sqrt(2 * freedom)) << "alpha " << alpha;
  }
}

TEST(CutLattice, TheLeastLikelyIsDrawnToo) {
  RandomStream random(RandomKey{.seed = 23});
  int first = 0;
  for (int i = 0; i < 1000; ++i) first += draw_by_log_weights({-1000, -1000 + std::log(3.0)}, random) == 0;
  EXPECT_NEAR(first, 250, 60);  // weights far below one are no zeros
}

}  // namespace
}  // namespace heddle::text
