#include "heddle/text/models/piece_cache.h"

#include <algorithm>
#include <array>
#include <atomic>

namespace heddle::text {

PieceCache::PieceCache() : slots_(std::make_unique<Slot[]>((size_t{1} << kBits) + kProbes)) {}

void PieceCache::remember(Slot* slot, const Key& key, size_t length, std::span<const int32_t> ids) {
  if (ids.size() > 255) return;
  if (ids.size() > 3) {
    if (pool_.size() + ids.size() > kPool) {  // begin anew
      std::fill_n(slots_.get(), (size_t{1} << kBits) + kProbes, Slot{});
      pool_.clear();
    }
    slot->ids[0] = static_cast<int32_t>(pool_.size());
    pool_.insert(pool_.end(), ids.begin(), ids.end());
  } else {
    std::ranges::copy(ids, slot->ids);
  }
  slot->key = key;
  slot->length = static_cast<uint8_t>(length);
  slot->count = static_cast<uint8_t>(ids.size());
}

uint64_t PieceCache::new_owner() {
  static std::atomic<uint64_t> last = 0;
  return ++last;
}

PieceCache& PieceCache::of_thread(uint64_t owner) {
  struct Entry {
    uint64_t owner = 0, used = 0;
    std::unique_ptr<PieceCache> cache;
  };
  thread_local std::array<Entry, 4> entries;
  thread_local uint64_t clock = 0;
  auto entry = std::ranges::find(entries, owner, &Entry::owner);
  if (entry == entries.end()) {
    entry = std::ranges::min_element(entries, {}, &Entry::used);
    entry->owner = owner;
    entry->cache = std::make_unique<PieceCache>();
  }
  entry->used = ++clock;
  return *entry->cache;
}

}  // namespace heddle::text
