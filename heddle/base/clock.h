#pragma once
// Seconds: on a clock that never jumps, and of the processor.

#include <ctime>

#include <chrono>

namespace heddle {

inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double seconds_by(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// That this thread has run for, or all threads of the program: what others do on the machine does not count.
inline double thread_cpu_seconds() { return seconds_by(CLOCK_THREAD_CPUTIME_ID); }
inline double process_cpu_seconds() { return seconds_by(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace heddle
