#pragma once
// Batches made ahead by threads of their own, and handed out in order: who asks for batch i gets what make(i) gives,
// whatever the number of threads, so long as make(i) depends on i alone (masks and noise by keys of the example, as
// heddle/data/masking/ has them).

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace heddle::data {

template <class Batch>
class BatchLoader {
 public:
  // Called by several threads at once, in no order.
  using Make = std::function<Batch(int64_t batch)>;

  // Batches first … batches − 1, at most `ahead` of them made and not yet taken; no threads: each is made when it is
  // asked for.
  BatchLoader(int64_t first, int64_t batches, Make make, int threads, size_t ahead = 8)
      : make_(std::move(make)), end_(batches), taken_(first), begun_(first), ring_(ahead < 1 ? 1 : ahead) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  // Waits for the batches that are being made.
  ~BatchLoader() {
    {
      const std::lock_guard lock(mutex_);
      end_ = begun_;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  // The next batch; none at the end. Throws what make() threw for it.
  std::optional<Batch> next() {
    if (taken_ >= end_) return {};
    if (threads_.empty()) return make_(taken_++);
    Made made = take_made();
    changed_.notify_all();
    if (made.error) std::rethrow_exception(made.error);
    return std::move(made.batch);
  }

 private:
  struct Made {
    std::optional<Batch> batch = {};
    std::exception_ptr error = {};
    bool ready = false;
  };

  Made& place(int64_t batch) { return ring_[static_cast<size_t>(batch) % ring_.size()]; }

  Made take_made() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return place(taken_).ready; });
    return std::exchange(place(taken_++), Made{});
  }

  // The next batch that a thread may begin; none: all are begun.
  std::optional<int64_t> begin_one() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return begun_ >= end_ || begun_ < taken_ + std::ssize(ring_); });
    if (begun_ >= end_) return {};
    return begun_++;
  }

  void work() {
    while (const auto batch = begin_one()) {
      Made made = {.ready = true};
      try {
        made.batch = make_(*batch);
      } catch (...) {
        made.error = std::current_exception();
      }
      {
        const std::lock_guard lock(mutex_);
        place(*batch) = std::move(made);
      }
      changed_.notify_all();
    }
  }

  Make make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t end_, taken_, begun_;  // these and the ring are under the mutex
  std::vector<Made> ring_;
  std::vector<std::thread> threads_;
};

}  // namespace heddle::data
