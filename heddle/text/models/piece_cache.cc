#include "heddle/text/models/piece_cache.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>

namespace heddle::text {

// Large tables are looked up all over, so that pages of 2 MiB spare most of the walks through page tables.
std::unique_ptr<PieceCache::Slot[], PieceCache::Free> PieceCache::empty_slots(size_t count) {
  constexpr size_t kPage = size_t{2} << 20, kLine = 64;
  const size_t bytes = count * sizeof(Slot), unit = bytes >= kPage ? kPage : kLine;
  void* memory = std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
  if (!memory) throw std::bad_alloc();
  if (unit == kPage) madvise(memory, bytes, MADV_HUGEPAGE);
  static_assert(std::is_trivially_copyable_v<Slot>);
  std::memset(memory, 0, bytes);
  return std::unique_ptr<Slot[], Free>(static_cast<Slot*>(memory));
}

void PieceCache::clear() {
  shift_ = 64 - kLeastBits;
  slots_ = empty_slots(capacity() + kProbes);
  filled_ = 0;
  pool_.clear();
}

void PieceCache::grow() {
  const auto old = std::move(slots_);
  const size_t old_size = capacity() + kProbes;
  --shift_;
  slots_ = empty_slots(capacity() + kProbes);
  filled_ = 0;
  for (size_t i = 0; i < old_size; ++i)
    if (old[i].length != 0) free_slot(old[i].key, old[i].length) = old[i];
}

// An empty slot for the key, or, where there is none, its first.
PieceCache::Slot& PieceCache::free_slot(const Key& key, size_t length) {
  Slot* const first = &slots_[place(key, length)];
  Slot* const empty = std::find_if(first, first + kProbes, [](const Slot& slot) { return slot.length == 0; });
  if (empty == first + kProbes) return *first;
  ++filled_;
  return *empty;
}

void PieceCache::remember(const Key& key, std::string_view piece, std::span<const int32_t> ids) {
  if (ids.size() > 255) return;
  const bool is_inline = ids.size() <= kInlineIds && piece.size() <= kInline;
  const size_t words = piece.size() <= kInline ? 0 : (piece.size() + 3) / 4;  // of the pool, for the piece itself
  if (!is_inline && pool_.size() + ids.size() + words > kMostPool) clear();
  if (2 * filled_ > capacity() && shift_ > 64 - kMostBits) grow();
  Slot& slot = free_slot(key, piece.size());
  slot = {key, static_cast<uint8_t>(piece.size()), static_cast<uint8_t>(ids.size()), {}};
  if (is_inline) {
    std::ranges::copy(ids, slot.ids);
    return;
  }
  slot.ids[0] = static_cast<int32_t>(pool_.size());
  pool_.insert(pool_.end(), ids.begin(), ids.end());
  slot.ids[1] = static_cast<int32_t>(pool_.size());
  pool_.resize(pool_.size() + words);
  if (words > 0) std::memcpy(pool_.data() + slot.ids[1], piece.data(), piece.size());
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
