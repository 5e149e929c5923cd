#include "heddle/text/trainers/pair_table.h"

#include <algorithm>

namespace heddle::text {

size_t PairTable::place(SymbolPair pair) const {
  size_t at = home(pair);
  while (slots_[at].pair.first >= 0 && slots_[at].pair != pair) at = (at + 1) & mask_;
  return at;
}

PairTable::Entry* PairTable::find(SymbolPair pair) {
  if (slots_.empty()) return nullptr;
  Entry& entry = slots_[place(pair)];
  return entry.pair.first >= 0 ? &entry : nullptr;
}

PairTable::Entry& PairTable::find_or_add(SymbolPair pair) {
  if (8 * (count_ + 1) > 5 * slots_.size()) grow();
  Entry& entry = slots_[place(pair)];
  if (entry.pair.first < 0) {
    entry.pair = pair;
    ++count_;
  }
  return entry;
}

// Entries behind it that a search would no longer reach move up.
void PairTable::erase(SymbolPair pair) {
  if (slots_.empty()) return;
  size_t hole = place(pair);
  if (slots_[hole].pair.first < 0) return;
  --count_;
  for (size_t at = (hole + 1) & mask_; slots_[at].pair.first >= 0; at = (at + 1) & mask_) {
    const size_t from_home = (at - home(slots_[at].pair)) & mask_, from_hole = (at - hole) & mask_;
    if (from_home < from_hole) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = Entry();
}

void PairTable::grow() {
  std::vector<Entry> old = std::move(slots_);
  slots_.assign(std::max<size_t>(2 * old.size(), 64), Entry());
  mask_ = slots_.size() - 1;
  for (const Entry& entry : old)
    if (entry.pair.first >= 0) slots_[place(entry.pair)] = entry;
}

uint32_t* PairTable::allot(size_t number) {
  if (number > kBlock / 4)
    return blocks_.insert(blocks_.begin(), std::make_unique_for_overwrite<uint32_t[]>(number))->get();
  if (used_ + number > kBlock) {
    blocks_.push_back(std::make_unique_for_overwrite<uint32_t[]>(kBlock));
    used_ = 0;
  }
  used_ += number;
  return blocks_.back().get() + used_ - number;
}

uint32_t* PairTable::add_words(Entry& entry, uint32_t number) {
  uint32_t* all = allot(entry.number + number);
  std::ranges::copy(entry.all_words(), all);
  entry.words = all;
  entry.number += number;
  return all + entry.number - number;
}

}  // namespace heddle::text
