#pragma once
// The peak memory of one case: a test starts this program again for another of its tests, which runs the case and tells
// its peak through a pipe. The system's own count of a child begins with the memory of whoever forked it.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "heddle/base/memory.h"

namespace heddle {

inline constexpr const char* kMemoryCase = "HEDDLE_MEMORY_CASE";
inline constexpr const char* kMemoryPipe = "HEDDLE_MEMORY_PIPE";

// Runs the test `name` of this program with `what` as its case, and returns what tell_peak() told there, in MB.
inline double peak_megabytes_of(const std::string& name, const std::string& what) {
  std::array<int, 2> ends = {};
  if (pipe(ends.data()) != 0) ADD_FAILURE() << "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    setenv(kMemoryCase, what.c_str(), 1);
    setenv(kMemoryPipe, std::to_string(ends[1]).c_str(), 1);
    execl("/proc/self/exe", "test", ("--gtest_filter=" + name).c_str(), "--gtest_brief=1", nullptr);
    _exit(127);
  }
  close(ends[1]);
  int64_t peak = 0;
  EXPECT_EQ(read(ends[0], &peak, sizeof(peak)), static_cast<ssize_t>(sizeof(peak)));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return static_cast<double>(peak) / (1 << 20);
}

// The case of a started copy; null in any other process.
inline const char* started_case() { return std::getenv(kMemoryCase); }

inline void tell_peak() {
  const int64_t peak = peak_rss_bytes();
  ASSERT_EQ(write(std::atoi(std::getenv(kMemoryPipe)), &peak, sizeof(peak)), static_cast<ssize_t>(sizeof(peak)));
}

}  // namespace heddle
