#include "heddle/train/optimizer.h"

#include <cmath>

#include "heddle/kernels/optimizer.h"
#include "heddle/ops/dispatch.h"

namespace heddle::train {

Optimizer::Optimizer(const nn::Parameters& parameters, nn::WeightSet& weights, const TrainConfig& config)
    : parameters_(parameters),
      weights_(weights),
      config_(config),
      first_(Tensor::zeros(weights.flat().shape(), weights.dtype())),
      second_(Tensor::zeros(weights.flat().shape(), weights.dtype())) {}

double Optimizer::step(const nn::SummedGradients& gradients, double learning_rate) {
  const double norm = std::sqrt(nn::sum_of_squares(gradients.flat()));
  if (!std::isfinite(norm)) return norm;
  ++steps_;
  kernels::AdamW rule = {.learning_rate = learning_rate,
                         .beta1 = config_.beta1,
                         .beta2 = config_.beta2,
                         .epsilon = config_.epsilon,
                         .weight_decay = 0,
                         .gradient_scale = 1,
                         .step = steps_};
  if (config_.clip_norm > 0 && norm > config_.clip_norm) rule.gradient_scale = config_.clip_norm / norm;
  const auto all = parameters_.all();
  for (size_t i = 0; i < all.size();) {
    // Neighbours under the same rule go in one pass.
    const auto decays = [&](const nn::ParameterInfo& info) { return info.shape.rank() > 1; };
    size_t end = i + 1;
    while (end < all.size() && all[end].trainable == all[i].trainable && decays(all[end]) == decays(all[i])) ++end;
    const int64_t from = all[i].offset;
    const int64_t to = end < all.size() ? all[end].offset : parameters_.flat_count();
    rule.weight_decay = decays(all[i]) ? config_.weight_decay : 0.0;
    if (all[i].trainable)
      ops::with_real_type(weights_.dtype(), [&]<class T>(T) {
        kernels::adamw(rule, to - from, gradients.flat().data<T>() + from, weights_.flat().data<T>() + from,
                       first_.data<T>() + from, second_.data<T>() + from);
      });
    i = end;
  }
  weights_.touch();
  return norm;
}

std::string first_nonfinite(const nn::Parameters& parameters, const nn::SummedGradients& gradients) {
  for (size_t i = 0; i < parameters.all().size(); ++i) {
    if (!std::isfinite(nn::sum_of_squares(gradients.of(static_cast<nn::ParameterId>(i)))))
      return parameters.all()[i].name;
  }
  return {};
}

}  // namespace heddle::train
