#include "heddle/nn/packed_weights.h"

namespace heddle::nn {

const kernels::PackedWeight& PackedWeights::of(ParameterId id, const Tensor& weight, uint64_t version) {
  const std::lock_guard lock(mutex_);
  Packed& packed = made_[static_cast<size_t>(id)];
  if (packed.version != version) {
    packed.weight = std::make_unique<kernels::PackedWeight>(weight.strided_data<float>(), weight.rows(), weight.width(), weight.row_stride());
    packed.version = version;
  }
  return *packed.weight;
}

}  // namespace heddle::nn
