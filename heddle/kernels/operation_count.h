#pragma once
// Floating-point operations as they are done: of matrix products, of attention's products, of embeddings.
//
// A multiply-add is two operations. Softmax, norms and activations are left out, as is usual (Kaplan et al. 2020,
// section 2.1): they grow with tokens · width, products with tokens · width². A tile of attention that a mask lets
// nothing through is not done and not counted; one that it cuts is done whole.

#include <cstdint>

namespace heddle::kernels {

enum class Operation : uint8_t { matrix_product, attention, embedding };

// Counts from its construction on, over all threads of the process. Kernels count only while one exists.
class OperationCount {
 public:
  OperationCount();
  ~OperationCount();
  OperationCount(const OperationCount&) = delete;
  OperationCount& operator=(const OperationCount&) = delete;

  int64_t of(Operation operation) const;
  int64_t total() const;

 private:
  int64_t before_[3];
};

// For kernels: this much has been done.
void count_operations(Operation operation, int64_t count);

}  // namespace heddle::kernels
