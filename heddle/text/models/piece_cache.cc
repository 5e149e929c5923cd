#include "heddle/text/models/piece_cache.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <new>
#include <type_traits>

namespace heddle::text {

// Large tables are looked up all over, so that pages of 2 MiB spare most of the walks through page tables.
template <class T>
PieceCache::Memory<T> PieceCache::allocate(size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  constexpr size_t kPage = size_t{2} << 20, kLine = 64;
  const size_t bytes = count * sizeof(T), unit = bytes >= kPage ? kPage : kLine;
  void* memory = std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
  if (!memory) throw std::bad_alloc();
  if (unit == kPage) madvise(memory, bytes, MADV_HUGEPAGE);
  return Memory<T>(static_cast<T*>(memory));
}

template <class T>
PieceCache::Memory<T> PieceCache::zeros(size_t count) {
  Memory<T> memory = allocate<T>(count);
  std::memset(memory.get(), 0, count * sizeof(T));
  return memory;
}

void PieceCache::clear() {
  index_shift_ = 32 - kLeastBits;
  index_ = zeros<Entry>(size_t{1} << kLeastBits);
  filled_ = 0;
  recent_mask_ = (size_t{1} << kLeastBits) - 1;
  recent_ = zeros<Recent>(recent_mask_ + 1);
  log_size_ = kLeastLog;
  log_ = allocate<int32_t>(log_size_);
  written_ = 1;  // place 0 is none
}

bool PieceCache::holds(const int32_t* record, const Query& query) {
  if ((static_cast<uint32_t>(*record) & 0xFFFF) != query.length) return false;
  if (!query.is_short()) return std::memcmp(record + 1, query.piece, query.length) == 0;
  uint64_t words[2];
  std::memcpy(words, record + 1, sizeof(words));
  return words[0] == query.low && words[1] == query.high;
}

void PieceCache::prefetch_record(const Query& query) const {
  const uint32_t tag = tag_of(query);
  for (size_t i = 0; i < kGroup; ++i) {
    const Entry& found = entry(tag, i);
    if (found.place == 0) return;
    if (found.tag != tag) continue;
    const char* const record_bytes = reinterpret_cast<const char*>(record(found.place));
    __builtin_prefetch(record_bytes);
    __builtin_prefetch(record_bytes + 64);
    return;
  }
}

std::span<const int32_t> PieceCache::find(const Query& query) {
  const uint32_t tag = tag_of(query);
  for (size_t i = 0; i < kGroup; ++i) {
    const Entry& found = entry(tag, i);
    if (found.place == 0) break;
    if (found.tag != tag || !is_live(found)) continue;
    const int32_t* const at = record(found.place);
    if (!holds(at, query)) continue;
    const std::span ids(at + 1 + piece_words(query), static_cast<uint32_t>(*at) >> 16);
    become_recent(query, ids);
    return ids;
  }
  return {};
}

void PieceCache::become_recent(const Query& query, std::span<const int32_t> ids) {
  if (!query.is_short() || ids.size() > kFewIds) return;
  Recent& recent = recent_[query.hash & recent_mask_];
  recent = {query.low, query.high, static_cast<uint8_t>(query.length), static_cast<uint8_t>(ids.size()), {}};
  std::ranges::copy(ids, recent.ids);
}

void PieceCache::remember(const Query& query, std::span<const int32_t> ids) {
  if (ids.size() > kLongest) return;
  const size_t words = piece_words(query);
  int32_t* const at = reserve(1 + words + ids.size());
  *at = static_cast<int32_t>(query.length | static_cast<uint32_t>(ids.size()) << 16);
  if (query.is_short()) {
    std::memcpy(at + 1, &query.low, sizeof(query.low));
    std::memcpy(at + 3, &query.high, sizeof(query.high));
  } else {
    std::memcpy(at + 1, query.piece, query.length);
  }
  std::ranges::copy(ids, at + 1 + words);
  if (2 * filled_ > size_t{1} << (32 - index_shift_) && index_shift_ > 32 - kMostBits) grow_index();
  insert({tag_of(query), static_cast<uint32_t>(written_)});
  written_ += 1 + words + ids.size();
  become_recent(query, ids);
}

// Room for a record at written_, in one piece.
int32_t* PieceCache::reserve(size_t words) {
  size_t at = written_ & (kMostLog - 1);
  if (at + words > kMostLog) {
    written_ += kMostLog - at;
    at = 0;
  }
  if (written_ + words > std::numeric_limits<uint32_t>::max()) {
    clear();
    at = written_;
  }
  size_t size = log_size_;
  while (at + words > size) size *= 2;
  if (size > log_size_) {
    Memory<int32_t> more = allocate<int32_t>(size);
    std::memcpy(more.get(), log_.get(), log_size_ * sizeof(int32_t));
    log_ = std::move(more);
    log_size_ = size;
  }
  return &log_[at];
}

// Of the entries where it may stand the first that is empty or whose record was written over; else the first.
void PieceCache::insert(const Entry& added) {
  for (size_t i = 0; i < kGroup; ++i) {
    Entry& found = entry(added.tag, i);
    if (is_live(found)) continue;
    filled_ += found.place == 0;
    found = added;
    return;
  }
  entry(added.tag, 0) = added;
}

void PieceCache::grow_index() {
  const Memory<Entry> old = std::move(index_);
  const size_t old_size = size_t{1} << (32 - index_shift_);
  --index_shift_;
  index_ = zeros<Entry>(2 * old_size);
  filled_ = 0;
  for (size_t i = 0; i < old_size; ++i)
    if (is_live(old[i])) insert(old[i]);
  if (recent_mask_ + 1 >= size_t{1} << kMostRecentBits) return;
  recent_mask_ = 2 * recent_mask_ + 1;
  recent_ = zeros<Recent>(recent_mask_ + 1);
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
