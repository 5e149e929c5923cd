#include "heddle/nn/packed_weights.h"

namespace heddle::nn {

const kernels::PackedWeight& PackedWeights::of(ParameterId id, const Tensor& weight, uint64_t version) {
  Packed& packed = made_[static_cast<size_t>(id)];
  if (packed.version.load(std::memory_order_acquire) == version) return *packed.weight;
  const std::lock_guard lock(mutex_);
  if (packed.version.load(std::memory_order_relaxed) != version) {
    packed.weight = std::make_unique<kernels::PackedWeight>(weight.strided_data<float>(), weight.rows(), weight.width(),
                                                            weight.row_stride());
    packed.version.store(version, std::memory_order_release);
  }
  return *packed.weight;
}

}  // namespace heddle::nn
