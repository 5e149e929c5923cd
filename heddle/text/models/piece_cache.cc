#include "heddle/text/models/piece_cache.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <vector>

namespace heddle::text {

// The log's first part stays in small pages: most caches fill no more.
PieceCache::PieceCache() { log_.use_large_pages(kMostLog / 16, kMostLog); }

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
    const Seen seen = see(entry(query.line, i));
    if (seen.count() == kEmpty) return;
    if (!seen.is_of(query)) continue;
    if (seen.count() != kInLog) return;
    const char* const bytes = reinterpret_cast<const char*>(record(seen.first));
    __builtin_prefetch(bytes);
    __builtin_prefetch(bytes + 64);
    return;
  }
  __builtin_prefetch(&entry(query.line, kLineEntries));
}

size_t PieceCache::find(const Query& query, std::string_view piece, int32_t* ids) const {
  // The table may have grown since the query was made.
  const uint32_t line = line_of(query.low, query.high);
  for (size_t i = 0; i < kLines * kLineEntries; ++i) {
    const Seen seen = see(entry(line, i));
    if (seen.count() == kEmpty) break;
    if (!seen.is_of(query)) continue;
    if (seen.count() == kInLog) {
      if (const size_t count = read(seen.first, piece, ids)) return count;
      continue;
    }
    if (seen.count() > kWideIds) return seen.write_narrow(ids);
    seen.write(ids);
    return seen.count();
  }
  return 0;
}

// The ids of the record at `place`, if it is that of the piece and nobody wrote over it meanwhile.
size_t PieceCache::read(uint64_t place, std::string_view piece, int32_t* ids) const {
  const uint64_t* word = record(place);
  const uint64_t head = load(*word++);
  const size_t count = head >> 32, words = words_of(piece);
  const size_t end = (place & (kMostLog - 1)) + 1 + words + (count + 1) / 2;
  if ((head & UINT32_MAX) != piece.size() || count > kLongest || end > kMostLog) return 0;
  for (size_t i = 0; i < words; ++i)
    if (load(*word++) != word_of(piece, i)) return 0;
  for (size_t i = 0; i < count; i += 2) {
    const uint64_t two = load(*word++);
    std::memcpy(ids + i, &two, sizeof(two));
  }
  return place + kMostLog >= written_.load(std::memory_order_relaxed) ? count : 0;
}

bool PieceCache::fit_entry(std::span<const int32_t> ids) {
  const auto is_narrow = [](int32_t id) { return id >= 0 && id <= UINT16_MAX; };
  return ids.size() <= kWideIds || (ids.size() <= kFewIds && std::ranges::all_of(ids, is_narrow));
}

bool PieceCache::remember(std::span<const Learned> all) {
  const std::unique_lock lock(writer_, std::try_to_lock);
  if (!lock) return false;
  for (const Learned& learned : all) add(learned);
  return true;
}

void PieceCache::add(const Learned& learned) {
  const auto& [query, piece, ids] = learned;
  if (ids.size() > kLongest) return;
  if (filled_ > entries() / 2 && lines() < size_t{1} << kMostBits) grow_table();
  bool is_known = false;
  Entry* const room = room_for(query.low, query.high, is_known);
  if (is_known) return;  // another thread was faster
  Seen filling = {{query.low, query.high, 0, 0}};
  if (piece.size() <= kShort && fit_entry(ids)) {
    const size_t width = ids.size() > kWideIds ? 16 : 32, in_first = 64 / width;
    for (size_t i = 0; i < ids.size(); ++i)
      (i < in_first ? filling.first : filling.last) |= uint64_t{static_cast<uint32_t>(ids[i])}
                                                       << width * (i % in_first);
    filling.last |= uint64_t{ids.size()} << 32;
  } else {
    filling.first = write(piece, ids);
    filling.last = uint64_t{kInLog} << 32;
  }
  fill(*room, filling);
}

// The place of the record, which is in one piece.
uint64_t PieceCache::write(std::string_view piece, std::span<const int32_t> ids) {
  const size_t words = words_of(piece), size = 1 + words + (ids.size() + 1) / 2;
  uint64_t place = written_.load(std::memory_order_relaxed);
  const size_t left = kMostLog - (place & (kMostLog - 1));
  if (size > left) place += left;
  written_.store(place + size, std::memory_order_relaxed);
  uint64_t* word = record(place);
  store(*word++, uint64_t{piece.size()} | uint64_t{ids.size()} << 32);
  for (size_t i = 0; i < words; ++i) store(*word++, word_of(piece, i));
  for (size_t i = 0; i < ids.size(); i += 2) {
    const std::array<int32_t, 2> two = {ids[i], i + 1 < ids.size() ? ids[i + 1] : 0};
    store(*word++, std::bit_cast<uint64_t>(two));
  }
  return place;
}

// Of the entries where it may stand the first that is empty or whose record was written over; else one of the first
// line's, in turn, so that what is old goes in the end.
PieceCache::Entry* PieceCache::room_for(uint64_t low, uint64_t high, bool& is_known) {
  const uint32_t line = line_of(low, high);
  for (size_t i = 0; i < kLines * kLineEntries; ++i) {
    Entry& found = entry(line, i);
    const Seen seen = see(found);
    filled_ += seen.count() == kEmpty;
    if (seen.count() == kEmpty || !is_live(seen)) return &found;
    is_known = is_known || seen.is_of({low, high, line});
    if (is_known) return &found;
  }
  return &entry(line, ++replaced_ % kLineEntries);
}

// The version is the next.
void PieceCache::empty(Entry& entry) { store(entry.last, ((load(entry.last) >> 40) + 1) << 40); }

void PieceCache::fill(Entry& entry, const Seen& filling) {
  empty(entry);
  store(entry.low, filling.low);
  store(entry.high, filling.high);
  store(entry.first, filling.first);
  store(entry.last, load(entry.last) | (filling.last & ((uint64_t{1} << 40) - 1)));
}

void PieceCache::move(const Seen& moved) {
  bool is_known = false;
  if (moved.count() != kEmpty && is_live(moved)) fill(*room_for(moved.low, moved.high, is_known), moved);
}

// In place. Twice as many lines: an entry's search begins at twice the line it did or one further, so that from the
// last line down nothing comes to lie where entries still wait, but for the first few lines, which step aside; with
// them what had gone round the end. What had found no room in its own line waits until those that had are moved: they
// came first, and are met most.
void PieceCache::grow_table() {
  constexpr size_t kAside = 2 * kLines;  // lines
  const size_t old_lines = lines();
  line_shift_.store(line_shift_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  table_.use_large_pages(kLineEntries * old_lines, entries());
  filled_ = 0;
  std::vector<Seen> aside, waiting;
  const auto take = [this](size_t line, auto&& use) {
    for (size_t i = kLineEntries * line; i < kLineEntries * (line + 1); ++i) {
      const Seen seen = see(table_[i]);
      empty(table_[i]);
      if (seen.count() != kEmpty) use(seen);
    }
  };
  for (size_t line = 0; line < kAside; ++line) take(line, [&](const Seen& seen) { aside.push_back(seen); });
  for (size_t line = old_lines; line-- > kAside;) {
    const auto is_own = [&](const Seen& seen) { return line_of(seen.low, seen.high) / 2 == line; };
    take(line, [&](const Seen& seen) {
      if (is_own(seen)) move(seen);
      else waiting.push_back(seen);
    });
    for (size_t i = waiting.size(); i-- > 0;)
      if (is_own(waiting[i])) move(waiting[i]);
    std::erase_if(waiting, is_own);
  }
  for (const Seen& seen : aside) move(seen);
  for (const Seen& seen : waiting) move(seen);
}

}  // namespace heddle::text
