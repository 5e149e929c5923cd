#include "heddle/text/models/piece_cache.h"

#include <sys/mman.h>
#include <xxhash.h>

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

PieceCache::PieceCache() : log_(allocate<int32_t>(kLeastLog)), log_size_(kLeastLog) { make_table(); }

void PieceCache::make_table() {
  table_ = allocate<Entry>(entries());
  std::memset(table_.get(), 0, entries() * sizeof(Entry));
  filled_ = 0;
}

PieceCache::Query PieceCache::query(std::string_view piece) const {
  if (piece.size() > kShort) {
    const uint64_t hash = XXH3_64bits(piece.data(), piece.size());
    return {hash, kLong, line_of(hash, kLong)};
  }
  char bytes[kShort + 1] = {};
  std::memcpy(bytes, piece.data(), piece.size());
  return query_short(bytes, piece.size());
}

void PieceCache::prefetch_more(const Query& query) const {
  for (size_t i = 0; i < kLineEntries; ++i) {
    const Entry& found = entry(query.line, i);
    if (found.count() == kEmpty) return;
    if (!is_of(found, query)) continue;
    if (found.holds_ids()) return;
    const char* const bytes = reinterpret_cast<const char*>(record(found));
    __builtin_prefetch(bytes);
    __builtin_prefetch(bytes + 64);
    return;
  }
  __builtin_prefetch(&entry(query.line, kLineEntries));
}

std::span<const int32_t> PieceCache::find(const Query& query, std::string_view piece) const {
  // The table may have grown since the query was made.
  const uint32_t line = line_of(query.low, query.high);
  for (size_t i = 0; i < kLines * kLineEntries; ++i) {
    const Entry& found = entry(line, i);
    if (found.count() == kEmpty) break;
    if (!is_of(found, query)) continue;
    if (found.holds_ids()) return {found.ids, static_cast<size_t>(found.count())};
    if (!is_live(found)) continue;
    const int32_t* const at = record(found);
    const auto head = static_cast<uint32_t>(*at);
    const size_t words = words_of(piece);
    if ((head & 0xFFFF) != piece.size() || (words > 0 && std::memcmp(at + 1, piece.data(), piece.size()) != 0))
      continue;
    return {at + 1 + words, head >> 16};
  }
  return {};
}

void PieceCache::remember(const Query& query, std::string_view piece, std::span<const int32_t> ids) {
  if (ids.size() > kLongest) return;
  Entry added = {query.low, query.high, {}};
  if (piece.size() <= kShort && ids.size() <= kFewIds) {
    std::ranges::copy(ids, added.ids);
    added.ids[kFewIds] = static_cast<int32_t>(ids.size());
  } else {
    added.ids[0] = write(piece, ids);
    added.ids[kFewIds] = kInLog;
  }
  if (filled_ > entries() / 2 && line_shift_ > 64 - kMostBits) grow_table();
  insert(added);
}

// The place of the record.
int32_t PieceCache::write(std::string_view piece, std::span<const int32_t> ids) {
  const size_t words = words_of(piece);
  int32_t* const at = reserve(1 + words + ids.size());
  *at = static_cast<int32_t>(piece.size() | ids.size() << 16);
  if (words > 0) std::memcpy(at + 1, piece.data(), piece.size());
  std::ranges::copy(ids, at + 1 + words);
  const auto place = static_cast<uint32_t>(written_);
  written_ += 1 + words + ids.size();
  return static_cast<int32_t>(place);
}

// Room for a record at written_, in one piece.
int32_t* PieceCache::reserve(size_t words) {
  size_t at = written_ & (kMostLog - 1);
  if (at + words > kMostLog) {
    written_ += kMostLog - at;
    at = 0;
  }
  if (written_ + words > std::numeric_limits<uint32_t>::max()) {
    make_table();
    at = written_ = 0;
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

// Of the entries where it may stand the first that is empty or whose record was written over; else one of the first
// line's, in turn, so that what is old goes in the end.
void PieceCache::insert(const Entry& added) {
  const uint32_t line = line_of(added.low, added.high);
  for (size_t i = 0; i < kLines * kLineEntries; ++i) {
    Entry& found = entry(line, i);
    if (found.count() != kEmpty && is_live(found)) continue;
    filled_ += found.count() == kEmpty;
    found = added;
    return;
  }
  entry(line, ++replaced_ % kLineEntries) = added;
}

void PieceCache::grow_table() {
  const size_t old_size = entries();
  const Memory<Entry> old = std::move(table_);
  --line_shift_;
  make_table();
  for (size_t i = 0; i < old_size; ++i)
    if (old[i].count() != kEmpty && is_live(old[i])) insert(old[i]);
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
