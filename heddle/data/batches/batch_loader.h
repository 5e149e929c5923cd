#pragma once
// Batches made ahead by threads of their own, and handed out in order: who asks for batch i gets what make(i) gives,
// whatever the number of threads, so long as make(i) depends on i alone (masks and noise by keys of the example, as
// heddle/data/masking/ has them).
//
// Batches are made in the memory of those before, so that nothing is allocated once it has grown.

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace heddle::data {

template <class Batch>
class BatchLoader {
 public:
  // Makes a batch in place of another. Called by several threads at once, in no order.
  using Make = std::function<void(int64_t number, Batch& batch)>;

  // At most `ahead` batches are made and not yet taken; no threads: each is made when it is asked for.
  BatchLoader(Make make, int threads, size_t ahead = 8)
      : make_(std::move(make)),
        ring_(threads < 1 ? 0
              : ahead < 1 ? 1
                          : ahead) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  // Waits for the batches that are being made.
  ~BatchLoader() {
    {
      const std::lock_guard lock(mutex_);
      end_ = begun_;
      closed_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  // Batches first … batches − 1 come next, after those before were stopped.
  void start(int64_t first, int64_t batches) {
    stop();
    {
      const std::lock_guard lock(mutex_);
      for (Place& place : ring_) {
        place.ready = false;
        place.error = {};
      }
      taken_ = begun_ = first;
      end_ = batches;
    }
    changed_.notify_all();
  }
  // Waits for the batches that are being made; no other is begun, and none is left to take, until start(). In between,
  // what make() reads may change.
  void stop() {
    std::unique_lock lock(mutex_);
    end_ = taken_ = begun_;
    changed_.wait(lock, [this] { return being_made_ == 0; });
  }

  // The next batch, which stays until the next call, even when others are started; null at the end. Throws what make()
  // threw for it.
  Batch* next() {
    if (taken_ >= end_) return nullptr;
    if (threads_.empty()) {
      begun_ = taken_ + 1;
      make_(taken_++, current_);
      return &current_;
    }
    const std::exception_ptr error = take();
    changed_.notify_all();
    if (error) std::rethrow_exception(error);
    return &current_;
  }

 private:
  struct Place {
    Batch batch = {};
    std::exception_ptr error = {};
    bool ready = false;
  };

  Place& place(int64_t number) { return ring_[static_cast<size_t>(number) % ring_.size()]; }

  std::exception_ptr take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return place(taken_).ready; });
    Place& taken = place(taken_++);
    std::swap(current_, taken.batch);
    taken.ready = false;
    return std::exchange(taken.error, {});
  }

  // The next batch to make, once there is a place for it; −1 when the loader is closed.
  int64_t begin_one() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || (begun_ < end_ && begun_ < taken_ + std::ssize(ring_)); });
    if (closed_) return -1;
    ++being_made_;
    return begun_++;
  }

  void work() {
    for (int64_t number = begin_one(); number >= 0; number = begin_one()) {
      Place& made = place(number);  // nobody else's: it is neither ready nor begun by another
      try {
        make_(number, made.batch);
      } catch (...) {
        made.error = std::current_exception();
      }
      {
        const std::lock_guard lock(mutex_);
        made.ready = true;
        --being_made_;
      }
      changed_.notify_all();
    }
  }

  Make make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Under the mutex: which batches are still to take and to begin, and how many threads make one.
  int64_t end_ = 0, taken_ = 0, begun_ = 0, being_made_ = 0;
  bool closed_ = false;
  std::vector<Place> ring_;  // a place is a thread's while it makes the batch, and under the mutex else
  Batch current_ = {};
  std::vector<std::thread> threads_;
};

}  // namespace heddle::data
