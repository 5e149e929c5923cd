#pragma once
// v = s·round(E[id]/s), s = max|E[id]|/127: each row as 8-bit whole numbers and one scale (Jacob et al. 2018).
//
// What trains are rows in f32, whose gradient passes straight through the rounding (Bengio et al. 2013), so that
// training sees what is used. The file of a finished model holds the whole numbers and scales, V·(d + 4) bytes in place
// of 4·V·d; checkpoints hold the f32 rows, from which training goes on. In memory a row is f32. O(n·d).

#include "heddle/nn/embedding/source.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/embedding.h"
#include "heddle/ops/int8_rows.h"

#include <cmath>

namespace heddle::nn::embeddings {

class Int8 : public Source {
 public:
  static constexpr Idea kIdea = {.name = "int8",
                                 .formula = "s·round(E[id]/s), s = max|E[id]|/127",
                                 .cost = "O(nd), V(d + 4) bytes in files",
                                 .paper = "Jacob et al. 2018",
                                 .traits = {.exact_gradient = false}};
  Int8(const Place& place, const EmbeddingSourceConfig& config)
      : table_(place.parameters.declare({.name = place.name + ".table.weight",
                                         .role = "embedding",
                                         .shape = {config.vocab_size, config.width},
                                         .init = Init::normal(1 / std::sqrt(static_cast<double>(config.width))),
                                         .int8_rows = true})) {}

  Tensor vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const override {
    return ops::int8_rows(ops::embed(ids, weight(table_, pass).dense(), 1.0, {}, rows, {}), scale, rows);
  }

 private:
  ParameterId table_;
};

}  // namespace heddle::nn::embeddings
