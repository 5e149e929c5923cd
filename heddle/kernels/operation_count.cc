#include "heddle/kernels/operation_count.h"

#include <atomic>

namespace heddle::kernels {
namespace {

std::atomic<int> counters{0};
std::atomic<int64_t> done[3];

int64_t done_of(Operation operation) { return done[static_cast<int>(operation)].load(std::memory_order_relaxed); }

}  // namespace

OperationCount::OperationCount() {
  counters.fetch_add(1, std::memory_order_relaxed);
  for (int i = 0; i < 3; ++i) before_[i] = done_of(static_cast<Operation>(i));
}

OperationCount::~OperationCount() { counters.fetch_sub(1, std::memory_order_relaxed); }

int64_t OperationCount::of(Operation operation) const {
  return done_of(operation) - before_[static_cast<int>(operation)];
}

int64_t OperationCount::total() const {
  return of(Operation::matrix_product) + of(Operation::attention) + of(Operation::embedding);
}

void count_operations(Operation operation, int64_t count) {
  if (counters.load(std::memory_order_relaxed) > 0)
    done[static_cast<int>(operation)].fetch_add(count, std::memory_order_relaxed);
}

}  // namespace heddle::kernels
