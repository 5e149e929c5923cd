#pragma once
// y = g·x/‖x‖: every row gets the length g, one learned number that starts at √d (Nguyen & Salazar 2019, "Transformers
// without tears"). O(n·d); 1 weight.

#include <cmath>

#include "heddle/nn/norm/declare.h"
#include "heddle/nn/norm/norm.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/scale_norm.h"

namespace heddle::nn::norms {

class Scale : public Norm {
 public:
  static constexpr Idea kIdea = {
      .name = "scale", .formula = "g·x/‖x‖, over a row", .cost = "O(nd), 1 weight", .paper = "Nguyen & Salazar 2019"};
  Scale(const Place& place, const NormConfig& config)
      : length_(declare(place, "length", 1, std::sqrt(static_cast<double>(config.width)))) {}
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const override {
    return ops::scale_norm(x, weight(length_, pass).dense(), rows);
  }

 private:
  ParameterId length_;
};

}  // namespace heddle::nn::norms
