#pragma once
// All ways to cut a piece into tokens with scores (log-probabilities), as a lattice of edges between places in it: to
// draw one (forward filtering, backward sampling), or to list the most probable (Kudo 2018).

#include <cstdint>
#include <utility>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::text {

class CutLattice {
 public:
  // The token `id` from byte `begin` to byte `end`.
  struct Edge {
    uint32_t begin, end;
    int32_t id;
    double score;
  };
  using Cut = std::vector<Edge>;

  // A piece of so many bytes, without edges yet.
  void reset(uint32_t bytes);
  // begin < end; edges come in the order of their begins, and their begins are reached from 0.
  void add(const Edge& edge) { edges_.push_back(edge); }

  // One cut, with a probability in proportion to exp(alpha · score). Some cut must reach the end.
  Cut sample(double alpha, RandomStream& random);
  // Up to `most` different cuts with their scores, the best first; ties: the one whose last edges were added first.
  // Throws InputError where they may take more than a gigabyte.
  std::vector<std::pair<Cut, double>> best(int64_t most) const;

 private:
  uint32_t bytes_ = 0;
  std::vector<Edge> edges_;
  std::vector<double> before_;       // by place: the logarithm of the summed exp(alpha · score) of all ways there
  std::vector<uint32_t> by_end_;     // edges in the order of their ends
  std::vector<uint32_t> end_begin_;  // by place: where its edges begin in by_end_
};

// The place of one of the weights, drawn with a probability in proportion to exp(weight).
size_t draw_by_log_weights(const std::vector<double>& weights, RandomStream& random);

}  // namespace heddle::text
