#include "heddle/tensor/storage.h"

#include <cstdlib>
#include <cstring>

#include "heddle/base/error.h"
#include "heddle/tensor/arena.h"

namespace heddle {

Storage* Storage::allocate(int64_t bytes) {
  const size_t rounded = (static_cast<size_t>(bytes) + 63) / 64 * 64;
  void* data = std::aligned_alloc(64, rounded == 0 ? 64 : rounded);
  if (data == nullptr) fail_system("cannot allocate {} bytes for a tensor; use a smaller model or batch", bytes);
  std::memset(data, 0, rounded);
  auto* storage = new Storage;
  storage->data_ = data;
  storage->owns_heap_ = true;
  return storage;
}

Storage* Storage::adopt(void* data, std::function<void()> release) {
  auto* storage = new Storage;
  storage->data_ = data;
  storage->release_ = std::move(release);
  return storage;
}

Storage::~Storage() {
  if (owns_heap_) std::free(data_);
  if (release_) release_();
}

void MemoryRef::release() {
  if (piece_ && !ended() && --piece_->handles == 0) piece_->arena->give_back(piece_);
  if (storage_) storage_->release();
}

}  // namespace heddle
