#pragma once
// Seconds on a clock that never jumps.

#include <chrono>

namespace heddle {

inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace heddle
