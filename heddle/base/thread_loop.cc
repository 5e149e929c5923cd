#include "heddle/base/thread_loop.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <omp.h>

#if defined(__SANITIZE_THREAD__)
#define HEDDLE_OWN_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HEDDLE_OWN_THREADS 1
#endif
#endif

namespace heddle {
namespace {

// CPUs' worth of time that the cgroup grants, or a large number.
double cgroup_quota() {
  double quota = 1e9;
  std::string line, directory;
  for (std::ifstream groups("/proc/self/cgroup"); std::getline(groups, line);)
    if (line.starts_with("0::")) directory = line.substr(3);
  for (;;) {  // version 2: every level up to the root may limit
    std::ifstream limit("/sys/fs/cgroup" + directory + "/cpu.max");
    std::string most;
    double period = 0;
    if (limit >> most >> period && most != "max" && period > 0)
      quota = std::min(quota, std::strtod(most.c_str(), nullptr) / period);
    if (directory.empty() || directory == "/") break;
    directory = directory.substr(0, directory.find_last_of('/'));
  }
  double most = 0, period = 0;  // version 1
  std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") >> most;
  std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_period_us") >> period;
  return most > 0 && period > 0 ? std::min(quota, most / period) : quota;
}

std::atomic<int> chosen_count{0};
constexpr int kOutside = -1;
thread_local int current_lane = kOutside;  // of the loop that this thread runs a chunk of

// The first exception of any chunk, for the caller.
class FirstError {
 public:
  void keep() {
    if (!taken_.exchange(true)) error_ = std::current_exception();
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::atomic<bool> taken_{false};
  std::exception_ptr error_;
};

}  // namespace

int available_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int count = 1;
  if (sched_getaffinity(0, sizeof set, &set) == 0) count = CPU_COUNT(&set);
  const double quota = std::ceil(cgroup_quota() - 1e-6);
  return std::max(1, static_cast<int>(std::min<double>(count, std::max(1.0, quota))));
}

int thread_count() {
  if (chosen_count == 0) set_thread_count(available_threads());
  return chosen_count;
}

void set_thread_count(int count) {
  // A team smaller than asked for (OMP_THREAD_LIMIT, OMP_DYNAMIC) would leave some of what oneDNN cuts undone.
  chosen_count = std::min(std::clamp(count, 1, kMostThreads), omp_get_thread_limit());
  omp_set_dynamic(0);
#ifdef HEDDLE_OWN_THREADS
  omp_set_num_threads(1);  // libgomp is not instrumented: several threads within oneDNN would look like races
#else
  omp_set_num_threads(chosen_count);
#endif
}

void internal::run_chunks(int64_t count, int64_t grain, void* context, ChunkCall call) {
  if (count <= 0) return;
  const int64_t most = std::max<int64_t>(1, count / std::max<int64_t>(1, grain));
  const int chunks = static_cast<int>(std::min<int64_t>(thread_count(), most));
  if (current_lane != kOutside) return call(context, 0, count, current_lane);
  if (chunks == 1) return call(context, 0, count, 0);
  FirstError error;
  const auto run = [&](int chunk) {
    current_lane = chunk;
    try {
      call(context, count * chunk / chunks, count * (chunk + 1) / chunks, chunk);
    } catch (...) {
      error.keep();
    }
    current_lane = kOutside;
  };
#ifdef HEDDLE_OWN_THREADS
  std::vector<std::thread> others;
  for (int chunk = 1; chunk < chunks; ++chunk) others.emplace_back(run, chunk);
  run(0);
  for (std::thread& other : others) other.join();
#else
#pragma omp parallel for num_threads(chunks) schedule(static, 1)
  for (int chunk = 0; chunk < chunks; ++chunk) run(chunk);
#endif
  error.rethrow();
}

}  // namespace heddle
