#pragma once
// Losses that modules want minimized beside the training loss, such as the balance of a mixture of experts: gathered in
// a pass, added to its loss.

#include <utility>
#include <vector>

#include "heddle/ops/scaled_loss.h"

namespace heddle::nn {

class SideLosses {
 public:
  // A scalar (shape [1]) of the size of a loss per token, on the tape of the pass.
  void add(Tensor loss) { losses_.push_back(std::move(loss)); }

  struct Sum {
    Tensor loss;         // the training loss and, times `factor`, all that were added
    double of_side = 0;  // Σ of what was added
  };
  // Takes them: the next pass adds its own.
  Sum add_to(const Tensor& loss, double factor) {
    Sum sum = {loss, 0};
    for (const Tensor& side : std::exchange(losses_, {})) {
      sum.loss = ops::add_scaled_loss(sum.loss, side, factor);
      sum.of_side += side.dtype() == DType::f64 ? *side.data<double>() : static_cast<double>(*side.data<float>());
    }
    return sum;
  }

 private:
  std::vector<Tensor> losses_;
};

}  // namespace heddle::nn
