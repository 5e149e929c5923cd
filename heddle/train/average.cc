#include "heddle/train/average.h"

#include "heddle/model/store.h"

namespace heddle::train {

nn::WeightSet average_of(std::span<const std::filesystem::path> checkpoints, const nn::Parameters& parameters) {
  nn::WeightSet sum(parameters, DType::f64), one(parameters, DType::f64), average(parameters, DType::f32);
  for (const std::filesystem::path& checkpoint : checkpoints) {
    model::load_weights(checkpoint / "model.safetensors", parameters, one);
    const auto from = one.flat().span<double>(), to = sum.flat().span<double>();
    for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  }
  for (double& weight : sum.flat().span<double>()) weight /= static_cast<double>(checkpoints.size());
  average.copy_from(sum);
  return average;
}

}  // namespace heddle::train
