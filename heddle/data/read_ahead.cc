#include "heddle/data/read_ahead.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>

#include "heddle/base/thread_loop.h"

namespace heddle::data {
namespace {

constexpr size_t kBlock = size_t{1} << 18;  // bytes; a few of them stay in the cache
constexpr size_t kBlocks = 4;

// The thread fills blocks in turn and read() empties them in turn; `full_` are ready in between. A block of no bytes is
// the end, or the error that ended the source.
class ReadAhead : public ByteSource {
 public:
  explicit ReadAhead(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  ~ReadAhead() override {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      abandoned_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  size_t read(char* to, size_t most) override {
    if (!started_) return read_first(to, most);
    if (!thread_.joinable() && !ended_) thread_ = std::thread([this] { fill_blocks(); });
    if (ended_) return 0;
    const Block& block = wait_for_full();
    if (block.size == 0) {
      ended_ = true;
      if (error_) std::rethrow_exception(error_);
      return 0;
    }
    const size_t bytes = std::min(most, block.size - used_);
    std::memcpy(to, block.bytes.get() + used_, bytes);
    used_ += bytes;
    if (used_ == block.size) give_back();
    return bytes;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };

  // As long as what is there fits into one block, there is nothing to gain from a thread.
  size_t read_first(char* to, size_t most) {
    const size_t bytes = source_->read(to, most);
    read_ += bytes;
    started_ = read_ >= kBlock / 2;
    return bytes;
  }

  const Block& wait_for_full() {
    if (used_ == 0) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return full_ > 0; });
    }
    return blocks_[first_];
  }

  void give_back() {
    used_ = 0;
    first_ = (first_ + 1) % kBlocks;
    {
      const std::lock_guard lock(mutex_);
      --full_;
    }
    changed_.notify_all();
  }

  // Of the other thread. A block is its own until `full_` counts it, and again when that counts it no more.
  void fill_blocks() {
    for (size_t at = 0;; at = (at + 1) % kBlocks) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return full_ < kBlocks || abandoned_; });
        if (abandoned_) return;
      }
      const bool more = fill(blocks_[at]);
      {
        const std::lock_guard lock(mutex_);
        ++full_;
      }
      changed_.notify_all();
      if (!more) return;
    }
  }

  bool fill(Block& block) {
    if (!block.bytes) block.bytes.reset(new char[kBlock]);
    block.size = 0;
    try {
      block.size = source_->read(block.bytes.get(), kBlock);
    } catch (...) {
      error_ = std::current_exception();
    }
    return block.size > 0;
  }

  std::unique_ptr<ByteSource> source_;
  std::array<Block, kBlocks> blocks_;
  std::exception_ptr error_;  // written before the last block is full, read after

  bool started_ = false, ended_ = false;  // of read() alone, as are these:
  size_t read_ = 0, first_ = 0, used_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  size_t full_ = 0;         // under the mutex
  bool abandoned_ = false;  // under the mutex
  std::thread thread_;
};

}  // namespace

std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source) {
  return std::make_unique<ReadAhead>(std::move(source));
}

std::unique_ptr<ByteSource> open_ahead(const std::filesystem::path& file, const UnpackLimits& limits) {
  auto source = ByteSource::open(file, limits);
  std::error_code error;
  const bool gains = source->is_archive() && thread_count() > 1 && std::filesystem::is_regular_file(file, error);
  return gains ? read_ahead(std::move(source)) : std::move(source);
}

}  // namespace heddle::data
