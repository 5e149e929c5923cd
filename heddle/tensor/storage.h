#pragma once
// Who owns a tensor's bytes, and for how long.
//
// A Storage stands for one lifetime: a heap block, memory owned by somebody else (a mapped file), or
// everything an Arena hands out until it is reset. The generation rises when that lifetime
// ends, and a handle of an older generation throws instead of reading freed memory. Pieces of an arena
// count their handles too, so that a piece goes back to its arena with its last handle.

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

namespace heddle {

class Arena;

class Storage {
 public:
  // A heap block of `bytes`, 64-byte aligned, zero-filled.
  static Storage* allocate(int64_t bytes);
  // Bytes that live until `release` runs with the last handle.
  static Storage* adopt(void* data, std::function<void()> release);
  // The lifetime of an arena; the bytes belong to the arena.
  static Storage* lifetime() { return new Storage; }

  void* data() const { return data_; }
  uint32_t generation() const { return generation_.load(std::memory_order_relaxed); }
  void end_generation() { generation_.fetch_add(1, std::memory_order_relaxed); }

  void retain() { handles_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  int64_t handles() const { return handles_.load(std::memory_order_relaxed); }

 private:
  Storage() = default;
  ~Storage();

  std::atomic<int64_t> handles_{0};
  std::atomic<uint32_t> generation_{0};
  void* data_ = nullptr;
  bool owns_heap_ = false;
  std::function<void()> release_;
};

// The header in front of a piece of an arena. One thread uses an arena, so the count is plain.
struct ArenaPiece {
  Arena* arena;
  int64_t bytes;    // this header included
  int64_t before;   // bytes of the piece in front of this one, 0 for the first of a chunk
  int64_t handles;  // Arena's own number while nobody has the piece
};

// A counted reference to memory: a Storage, and within an arena the piece.
class MemoryRef {
 public:
  MemoryRef() = default;
  explicit MemoryRef(Storage* storage, ArenaPiece* piece = nullptr)
      : storage_(storage), piece_(piece), generation_(storage ? storage->generation() : 0) {
    retain();
  }
  MemoryRef(const MemoryRef& other) : storage_(other.storage_), piece_(other.piece_), generation_(other.generation_) {
    retain();
  }
  MemoryRef(MemoryRef&& other) noexcept
      : storage_(std::exchange(other.storage_, nullptr)),
        piece_(std::exchange(other.piece_, nullptr)),
        generation_(other.generation_) {}
  MemoryRef& operator=(MemoryRef other) noexcept {
    std::swap(storage_, other.storage_);
    std::swap(piece_, other.piece_);
    std::swap(generation_, other.generation_);
    return *this;
  }
  ~MemoryRef() { release(); }

  Storage* storage() const { return storage_; }
  bool ended() const { return storage_ != nullptr && storage_->generation() != generation_; }
  // Whether no other handle shows this memory, so that it may be overwritten.
  bool unique() const {
    if (piece_) return !ended() && piece_->handles == 1;
    return storage_ != nullptr && storage_->handles() == 1;
  }

 private:
  void retain() {
    if (storage_) storage_->retain();
    if (piece_ && !ended()) ++piece_->handles;
  }
  void release();

  Storage* storage_ = nullptr;
  ArenaPiece* piece_ = nullptr;
  uint32_t generation_ = 0;
};

}  // namespace heddle
