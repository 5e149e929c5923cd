#include "heddle/text/encoding.h"

#include <algorithm>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

// Applies `use` to each column of one encoding and the same of another.
template <class One, class Other, class Use>
void each_column(One& one, Other& other, Use use) {
  use(one.ids, other.ids);
  use(one.type_ids, other.type_ids);
  use(one.tokens, other.tokens);
  use(one.offsets, other.offsets);
  use(one.words, other.words);
  use(one.sequences, other.sequences);
  use(one.special_mask, other.special_mask);
  use(one.attention_mask, other.attention_mask);
}

}  // namespace

void Encoding::push(int32_t id, std::string token, Offsets where, int32_t word) {
  ids.push_back(id);
  type_ids.push_back(0);
  tokens.push_back(std::move(token));
  offsets.push_back(where);
  words.push_back(word);
  sequences.push_back(0);
  special_mask.push_back(0);
  attention_mask.push_back(1);
}

void Encoding::push_special(int32_t id, std::string token, int32_t type_id) {
  push(id, std::move(token), {0, 0}, kNone);
  type_ids.back() = type_id;
  sequences.back() = kNone;
  special_mask.back() = 1;
}

Encoding Encoding::part(size_t begin, size_t end) const {
  Encoding result;
  each_column(result, *this, [&](auto& to, const auto& from) {
    to.assign(from.begin() + static_cast<std::ptrdiff_t>(begin), from.begin() + static_cast<std::ptrdiff_t>(end));
  });
  return result;
}

void Encoding::append(const Encoding& other) {
  const size_t pairs = overflowing.size() * other.overflowing.size();
  if (pairs > kMostRows / (size() + other.size() + 1))
    fail_input(
        "what truncation cut off two texts, {} parts and {}, is too much to put each with each; cut one text only",
        overflowing.size(), other.overflowing.size());
  if (other.overflowing.empty()) {
    for (Encoding& mine : overflowing) mine.append(other);
  } else {
    std::vector<Encoding> combined;
    const auto add = [&](const Encoding& part, const Encoding& more) {
      combined.push_back(part);
      combined.back().append(more);
    };
    for (const Encoding& mine : overflowing) {
      add(mine, other);
      for (const Encoding& theirs : other.overflowing) add(mine, theirs);
    }
    for (const Encoding& theirs : other.overflowing) add(*this, theirs);
    overflowing = std::move(combined);
  }
  each_column(*this, other, [](auto& to, const auto& from) {
    to.reserve(to.size() + from.size());  // parts are many, and stay as they are
    to.insert(to.end(), from.begin(), from.end());
  });
}

void Encoding::truncate(size_t length, size_t stride, Side side) {
  if (length >= size()) return;
  if (length == 0) {
    Encoding all = std::move(*this);
    *this = Encoding();
    overflowing.push_back(std::move(all));
    return;
  }
  const size_t step = length - stride, count = (size() + step - 1) / step;
  if (count * length > std::max(kMostRows, 2 * size()))
    fail_input(
        "{} tokens cut into parts of {} that share {} are about {} parts, too many to keep; ask for a smaller stride",
        size(), length, stride, count);
  std::vector<Encoding> parts;
  for (size_t done = 0; done < size(); done += step) {
    const size_t end = side == Side::right ? std::min(done + length, size()) : size() - done;
    const size_t begin = side == Side::right ? done : end - std::min(length, end);
    parts.push_back(part(begin, end));
    if (side == Side::right ? end == size() : begin == 0) break;
  }
  *this = std::move(parts.front());
  overflowing.assign(std::make_move_iterator(parts.begin() + 1), std::make_move_iterator(parts.end()));
}

void Encoding::pad(size_t length, int32_t id, int32_t type_id, const std::string& token, Side side) {
  for (Encoding& encoding : overflowing) encoding.pad(length, id, type_id, token, side);
  if (size() >= length) return;
  Encoding padding;
  for (size_t i = size(); i < length; ++i) padding.push_special(id, token, type_id);
  padding.attention_mask.assign(padding.size(), 0);
  each_column(*this, padding, [side](auto& to, auto& from) {
    to.insert(side == Side::left ? to.begin() : to.end(), from.begin(), from.end());
  });
}

}  // namespace heddle::text
