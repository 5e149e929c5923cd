#pragma once
// The most probable ways to cut a whole text: its pieces are cut independently of each other, so a way's score is the
// sum of one score of each piece, and the best sums are found without writing all of them out.

#include <cstdint>
#include <string_view>
#include <vector>

#include "heddle/text/models/model.h"

namespace heddle::text {

// The `most` largest sums of one addend out of each of several lists, exactly.
class BestSums {
 public:
  explicit BestSums(int64_t most) : most_(static_cast<size_t>(most)) {}
  // One more list, not empty, the largest first. Throws InputError where the sums take more than half a gigabyte.
  void add(const std::vector<double>& addends);

  int64_t size() const { return std::ssize(sums_); }
  // The largest first; of equal ones the one with the earlier addends.
  double sum(int64_t i) const { return sums_[static_cast<size_t>(i)]; }
  // Which addend of each list, in the order of the lists.
  std::vector<uint32_t> addends(int64_t i) const;

 private:
  // How a sum came about: which one of the lists before, and which addend of this list.
  struct Step {
    uint32_t before, addend;
  };
  size_t most_, steps_count_ = 0;
  std::vector<double> sums_{0};
  std::vector<std::vector<Step>> steps_;  // by list; empty: it has one addend, and the sums kept their places
};

class BestCuts {
 public:
  // At least one way; `model` outlives this.
  BestCuts(const Model& model, int64_t most) : model_(model), most_(most), sums_(most) {}
  void add(std::string_view piece, bool as_bytes);

  int64_t size() const { return sums_.size(); }
  // The sum of the log-probabilities; 0 of a model that knows one way.
  double score(int64_t i) const { return sums_.sum(i); }
  // The tokens of each piece, in the order in which they were added.
  std::vector<std::vector<Token>> way(int64_t i) const;

 private:
  const Model& model_;
  int64_t most_;
  BestSums sums_;
  std::vector<std::vector<ScoredCut>> cuts_;  // by piece
};

}  // namespace heddle::text
