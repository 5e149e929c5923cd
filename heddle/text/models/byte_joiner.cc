#include "heddle/text/models/byte_joiner.h"

#include <algorithm>
#include <bit>

#include "heddle/text/utf8.h"

namespace heddle::text {

std::optional<ByteJoiner> ByteJoiner::of(const std::array<int32_t, 256>& id_of_byte, const Merges& merges,
                                         std::vector<std::pair<int32_t, int32_t>> pairs) {
  if (pairs.size() >= size_t{1} << kRankBits) return std::nullopt;
  ByteJoiner joiner(id_of_byte, WholeCharacters(id_of_byte, merges, pairs));
  std::ranges::sort(pairs);
  pairs.erase(std::ranges::unique(pairs).begin(), pairs.end());
  std::vector<Ranked> ranked;
  for (const auto& [left, right] : pairs) {
    const Merges::Merge& merge = *merges.find(left, right);
    if (std::max({left, right, merge.joined}) >= static_cast<int32_t>(kNoId)) return std::nullopt;
    const auto rank = static_cast<uint32_t>(merge.rank), id = static_cast<uint32_t>(merge.joined);
    if (rank >= joiner.joined_.size()) joiner.joined_.resize(rank + 1, kNoId);
    if (joiner.joined_[rank] != kNoId && joiner.joined_[rank] != id) return std::nullopt;
    joiner.joined_[rank] = id;
    ranked.push_back({static_cast<uint32_t>(left), static_cast<uint32_t>(right), rank});
  }
  if (!joiner.place_pairs(ranked)) return std::nullopt;
  for (const uint32_t left : joiner.id_of_byte_)
    for (const uint32_t right : joiner.id_of_byte_) joiner.first_ranks_.push_back(joiner.rank(left, right));
  return joiner;
}

// Group by group, the largest first, takes the first shift with which all of its pairs find empty slots. Whether all
// found theirs.
bool ByteJoiner::place_pairs(const std::vector<Ranked>& pairs) {
  const size_t groups = std::bit_ceil(std::max<size_t>(pairs.size() / 5, 2));
  group_shift_ = 64 - std::countr_zero(groups);
  shifts_.assign(groups, 0);
  slots_.assign(pairs.size() + pairs.size() / 8 + 1, ~uint64_t{0});
  std::vector<std::vector<Ranked>> by_group(groups);
  for (const Ranked& each : pairs) by_group[group(hash_pair(each.left, each.right))].push_back(each);
  std::vector<size_t> order(groups);
  for (size_t i = 0; i < groups; ++i) order[i] = i;
  std::ranges::stable_sort(order, std::greater(), [&](size_t i) { return by_group[i].size(); });
  std::vector<size_t> taken;
  for (const size_t i : order) {
    uint32_t shift = 0;
    for (;; ++shift) {
      if (shift > UINT16_MAX) return false;
      taken.clear();
      for (const Ranked& each : by_group[i]) {
        const size_t at = slot(hash_pair(each.left, each.right), shift);
        if (slots_[at] != ~uint64_t{0} || std::ranges::find(taken, at) != taken.end()) break;
        taken.push_back(at);
      }
      if (taken.size() == by_group[i].size()) break;
    }
    shifts_[i] = static_cast<uint16_t>(shift);
    for (size_t k = 0; k < taken.size(); ++k) {
      const Ranked& each = by_group[i][k];
      slots_[taken[k]] = pair(each.left, each.right) << kRankBits | each.rank;
    }
  }
  return true;
}

void ByteJoiner::read_bytes(std::string_view piece, Work& work) const {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(piece.data());
  work.size = static_cast<uint32_t>(piece.size());
  for (uint32_t i = 0; i < work.size; ++i) work.symbols[i + 1] = id_of_byte_[bytes[i]];
  for (uint32_t i = 1; i < work.size; ++i) work.keys[i] = key(first_ranks_[size_t{bytes[i - 1]} << 8 | bytes[i]], i);
}

// Characters that are whole, and the bytes of the others.
bool ByteJoiner::read_characters(std::string_view piece, Work& work) const {
  uint32_t count = 0;
  for (size_t at = 0; at < piece.size();) {
    if (count + 4 > kMostSymbols) return false;
    const CodePoint point = read_code_point(piece, at);
    if (point.value < 0) return false;
    const auto length = static_cast<size_t>(point.length);
    const uint32_t token =
        length == 2 || length == 3 ? characters_.find(static_cast<uint32_t>(point.value)) : WholeCharacters::kNone;
    if (token != WholeCharacters::kNone) work.symbols[++count] = token;
    else
      for (size_t i = 0; i < length; ++i)
        work.symbols[++count] = id_of_byte_[static_cast<unsigned char>(piece[at + i])];
    at += length;
  }
  work.size = count;
  for (uint32_t i = 1; i < count; ++i) work.keys[i] = key(rank(work.symbols[i], work.symbols[i + 1]), i);
  return true;
}

bool ByteJoiner::append_ids(std::string_view piece, std::vector<int32_t>& ids) const {
  Work work;
  if (ascii_prefix(piece) == piece.size()) {
    if (piece.size() > kMostSymbols) return false;
    read_bytes(piece, work);
  } else if (!read_characters(piece, work)) {
    return false;
  }
  join(work, ids);
  return true;
}

// Symbols stay where the first of theirs was, so that nothing moves, and the next merge is the least of all. At both
// ends stands a symbol that joins with none.
void ByteJoiner::join(Work& work, std::vector<int32_t>& ids) const {
  const uint32_t size = work.size;
  uint32_t *const symbols = work.symbols, *const keys = work.keys;
  symbols[0] = symbols[size + 1] = kNoId;
  keys[0] = key(kNever, 0);
  for (uint32_t i = size; i < size + 5; ++i) keys[i] = key(kNever, 0);
  uint64_t places = ~uint64_t{0} >> (62 - size);
  while (true) {
    uint32_t least[4] = {keys[1], keys[2], keys[3], keys[4]};
    for (uint32_t i = 5; i < size; i += 4)
      for (uint32_t k = 0; k < 4; ++k) least[k] = std::min(least[k], keys[i + k]);
    const uint32_t best = std::min(std::min(least[0], least[1]), std::min(least[2], least[3]));
    if (best >= key(kNever, 0)) break;
    const uint32_t at = best % (1 << kPlaceBits);
    const auto place_after = [&] { return at + 1 + static_cast<uint32_t>(std::countr_zero(places >> at >> 1)); };
    const uint32_t gone = place_after();
    places &= ~(uint64_t{1} << gone);
    const uint32_t joined = joined_[best >> kPlaceBits];
    const auto before = static_cast<uint32_t>(63 - std::countl_zero(places & ((uint64_t{1} << at) - 1)));
    symbols[at] = joined;
    keys[gone] = key(kNever, 0);
    keys[at] = key(rank(joined, symbols[place_after()]), at);
    keys[before] = key(rank(symbols[before], joined), before);
  }
  places &= ~(uint64_t{1} << (size + 1));
  for (places &= places - 1; places != 0; places &= places - 1)
    ids.push_back(static_cast<int32_t>(symbols[std::countr_zero(places)]));
}

}  // namespace heddle::text
