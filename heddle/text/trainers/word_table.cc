#include "heddle/text/trainers/word_table.h"

#include <algorithm>

#include <xxhash.h>

#include "heddle/base/random.h"

namespace heddle::text {
namespace {

template <class Word>
uint64_t load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

uint64_t mix(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a ^ 0x9E3779B97F4A7C15u) * (b ^ 0xD6E8FEB86659FD93u);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

// Reads within the word only: two loads that may overlap.
void WordTable::read_key(std::string_view word, uint64_t (&key)[2]) {
  const char* at = word.data();
  const size_t n = word.size();
  key[1] = 0;
  if (n > 8) {
    key[0] = load<uint64_t>(at);
    key[1] = load<uint64_t>(at + n - 8) >> (8 * (16 - n));
  } else if (n >= 4) {
    key[0] = load<uint32_t>(at) | load<uint32_t>(at + n - 4) << (8 * (n - 4));
  } else {
    const auto byte = [at](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i); };
    key[0] = byte(0) | byte(n / 2) | byte(n - 1);
  }
}

uint64_t WordTable::hash_of(std::string_view word) {
  if (word.size() > kInside) return XXH3_64bits(word.data(), word.size());
  uint64_t key[2];
  read_key(word, key);
  return mix(mix(key[0], key[1]), word.size());
}

bool WordTable::add(std::string_view word, uint64_t hash, int64_t times) {
  if (8 * (entries_.size() + 1) > 5 * slots_.size()) grow();
  const bool inside = word.size() <= kInside;
  uint64_t key[2] = {0, 0};
  if (inside) read_key(word, key);
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at] != kFree; at = (at + 1) & mask) {
    Entry& entry = entries_[slots_[at]];
    if (entry.hash_ != hash || entry.bytes_ != word.size()) continue;
    if (inside ? entry.key_[0] == key[0] && entry.key_[1] == key[1] : entry.word() == word) {
      entry.count += times;
      return false;
    }
  }
  slots_[at] = static_cast<uint32_t>(entries_.size());
  Entry& entry = entries_.emplace_back();
  if (!inside) {
    const char* kept = keep(word);
    std::memcpy(key, &kept, sizeof(kept));
  }
  std::ranges::copy(key, entry.key_);
  entry.hash_ = hash;
  entry.bytes_ = static_cast<uint32_t>(word.size());
  entry.count = times;
  return true;
}

const char* WordTable::keep(std::string_view word) {
  if (word.size() > left_) {
    left_ = std::max(kBlock, word.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    begin_of_free_ = blocks_.back().get();
  }
  char* kept = begin_of_free_;
  std::ranges::copy(word, kept);
  begin_of_free_ += word.size();
  left_ -= word.size();
  return kept;
}

void WordTable::place(uint32_t entry) {
  const size_t mask = slots_.size() - 1;
  size_t at = entries_[entry].hash_ & mask;
  while (slots_[at] != kFree) at = (at + 1) & mask;
  slots_[at] = entry;
}

void WordTable::grow() {
  slots_.assign(std::max<size_t>(2 * slots_.size(), 64), kFree);
  for (uint32_t i = 0; i < entries_.size(); ++i) place(i);
}

void WordTable::clear() {
  entries_.clear();
  std::ranges::fill(slots_, kFree);
  blocks_.clear();
  left_ = 0;
}

bool WordTable::Rare::holds(const Entry& entry) const {
  if (entry.count != highest) return entry.count < highest;
  return static_cast<double>(mix64(entry.hash() ^ draw) >> 32) < share * 4294967296.0;
}

void WordTable::drop(const Rare& rare) {
  WordTable kept;
  for (const Entry& entry : entries_)
    if (!rare.holds(entry)) kept.add(entry.word(), entry.hash_, entry.count);
  *this = std::move(kept);
}

}  // namespace heddle::text
