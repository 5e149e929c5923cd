#pragma once
// The packed copies of a weight set's matrices, made one by one as they are first used.

#include <atomic>
#include <mutex>
#include <vector>

#include "heddle/nn/parameters.h"

namespace heddle::nn {

class PackedWeights {
 public:
  explicit PackedWeights(size_t parameters) : made_(parameters) {}

  // Safe to call from several threads, without a lock once the copy is there; a copy of an older version is replaced.
  const kernels::PackedWeight& of(ParameterId id, const Tensor& weight, uint64_t version);

 private:
  struct Packed {
    std::unique_ptr<kernels::PackedWeight> weight;
    std::atomic<uint64_t> version = 0;
  };
  std::mutex mutex_;
  std::vector<Packed> made_;
};

}  // namespace heddle::nn
