#include "heddle/text/models/whole_characters.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "heddle/text/models/merge_step.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

// The earliest turns at which symbols join with others across the border of a character.
class Borders {
 public:
  Borders(const std::array<int32_t, 256>& id_of_byte, const Merges& merges,
          const std::vector<std::pair<int32_t, int32_t>>& pairs) {
    for (size_t byte = 0; byte < id_of_byte.size(); ++byte)
      at(id_of_byte[byte]).begins_inside = is_continuation(static_cast<char>(byte));
    for (const auto& [left, right] : pairs) {
      const Merges::Merge& merge = *merges.find(left, right);
      const bool is_inside = at(right).begins_inside;
      at(right).with_before = std::min(at(right).with_before, merge.rank);
      if (!is_inside) at(left).with_after = std::min(at(left).with_after, merge.rank);
      at(merge.joined).begins_inside = at(left).begins_inside;
    }
  }

  // Of a symbol at a character's begin with any before it; at its end with any that begins a character.
  int32_t with_before(int32_t symbol) { return at(symbol).with_before; }
  int32_t with_after(int32_t symbol) { return at(symbol).with_after; }

 private:
  struct Ranks {
    int32_t with_before = std::numeric_limits<int32_t>::max(), with_after = with_before;
    bool begins_inside = false;  // with a continuation byte
  };

  Ranks& at(int32_t symbol) {
    const auto place = static_cast<size_t>(symbol);
    if (place >= ranks_.size()) ranks_.resize(2 * place + 1);
    return ranks_[place];
  }

  std::vector<Ranks> ranks_;  // by symbol
};

// Joins the symbols of a character by themselves; its token if that is whole in the sense above.
std::optional<int32_t> token_of(std::vector<int32_t>& symbols, const Merges& merges, Borders& borders) {
  int32_t last_rank = -1;
  while (symbols.size() > 1) {
    const int32_t first = symbols.front(), last = symbols.back();
    const Merges::Merge* merge = merge_step(symbols, merges);
    if (!merge || merge->rank <= last_rank) return std::nullopt;
    last_rank = merge->rank;
    // What stood at the two ends until now, joins later across them.
    if (borders.with_before(first) <= last_rank || borders.with_after(last) <= last_rank) return std::nullopt;
  }
  const int32_t token = symbols[0];
  if (borders.with_before(token) <= last_rank || borders.with_after(token) <= last_rank) return std::nullopt;
  return token;
}

}  // namespace

WholeCharacters::WholeCharacters(const std::array<int32_t, 256>& id_of_byte, const Merges& merges,
                                 const std::vector<std::pair<int32_t, int32_t>>& pairs)
    : tokens_(0x10000, kNone) {
  Borders borders(id_of_byte, merges, pairs);
  const auto symbol = [&](int32_t byte) { return id_of_byte[static_cast<size_t>(byte)]; };
  std::vector<int32_t> symbols;
  for (int32_t c = 0x80; c < 0x10000; ++c) {
    if (c < 0x800) symbols = {symbol(0xC0 | c >> 6), symbol(0x80 | (c & 0x3F))};
    else symbols = {symbol(0xE0 | c >> 12), symbol(0x80 | (c >> 6 & 0x3F)), symbol(0x80 | (c & 0x3F))};
    if (const auto token = token_of(symbols, merges, borders))
      tokens_[static_cast<size_t>(c)] = static_cast<uint32_t>(*token);
  }
}

}  // namespace heddle::text
