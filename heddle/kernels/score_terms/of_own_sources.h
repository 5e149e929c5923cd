#pragma once
// A score term for the keys of the first sources alone: those of other sequences have no distance to the queries.

#include "heddle/kernels/attention.h"

namespace heddle::kernels {

template <class T>
class OfOwnSources : public ScoreTerm<T> {
 public:
  OfOwnSources() = default;
  OfOwnSources(const ScoreTerm<T>* term, int64_t sources) : term_(term), sources_(sources) {}

  void add(const ScoreTile& tile, const T* q, T* score) const override {
    if (tile.source < sources_) term_->add(tile, q, score);
  }
  void backward(const ScoreTile& tile, const T* q, T* dscore, T* dq, int lane) const override {
    if (tile.source < sources_) term_->backward(tile, q, dscore, dq, lane);
  }

 private:
  const ScoreTerm<T>* term_ = nullptr;
  int64_t sources_ = 0;
};

}  // namespace heddle::kernels
