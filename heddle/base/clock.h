#pragma once
// Seconds: on a clock that never jumps, and of the processor.

#include <ctime>

#include <chrono>

namespace heddle {

inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// That this thread has run for: what others do on the machine does not count.
inline double thread_cpu_seconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace heddle
