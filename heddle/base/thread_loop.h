#pragma once
// The one way to use several threads: a parallel loop over chunks of an index range.
//
// Work is cut statically, so that the same thread count always gives the same partition and with
// it bitwise the same sums. OpenMP runs the chunks (oneDNN shares its threads); the thread sanitizer
// build runs them on std::thread, since libgomp is not instrumented.

#include <cstdint>
#include <type_traits>
#include <utility>

namespace heddle {

// No process uses more.
inline constexpr int kMostThreads = 1024;

// Threads that this process may use: processor affinity capped by the cgroup CPU quota, at least 1.
int available_threads();

// The thread count in force for parallel loops and matrix products (default available_threads()).
int thread_count();
void set_thread_count(int count);  // clamped to 1 … kMostThreads, and to OMP_THREAD_LIMIT

namespace internal {
using ChunkCall = void (*)(void* context, int64_t begin, int64_t end, int lane);
void run_chunks(int64_t count, int64_t grain, void* context, ChunkCall call);
}  // namespace internal

// Calls body(begin, end, lane) on disjoint chunks that cover [0, count). `lane` < thread_count()
// names the thread, for scratch memory. A chunk holds at least `grain` indices: below that the loop
// stays on the caller's thread. Exceptions of the body are rethrown here. Nested calls run inline, in the lane of the
// outer one.
template <class Body>
void parallel_for(int64_t count, int64_t grain, Body&& body) {
  auto call = [](void* context, int64_t begin, int64_t end, int lane) {
    (*static_cast<std::remove_reference_t<Body>*>(context))(begin, end, lane);
  };
  internal::run_chunks(count, grain, const_cast<void*>(static_cast<const void*>(&body)), call);
}

}  // namespace heddle
