#include "heddle/text/granularities.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

bool covers_text(const Offsets& place) { return place.begin >= 0 && place.begin < place.end; }

// For each place of the text the span of tokens there. Normalizers may change the order of characters, so neither
// offsets nor spans need grow from token to token.
std::vector<TokenSpan> tokens_by_place(std::span<const Offsets> tokens) {
  int64_t length = 0;
  for (const Offsets& place : tokens)
    if (covers_text(place)) length = std::max(length, place.end);
  std::vector<TokenSpan> at(static_cast<size_t>(length));
  for (size_t token = 0; token < tokens.size(); ++token) {
    const Offsets& place = tokens[token];
    const auto number = static_cast<int32_t>(token);
    if (!covers_text(place)) continue;
    for (int64_t i = place.begin; i < place.end; ++i) {
      TokenSpan& span = at[static_cast<size_t>(i)];
      if (span.begin == span.end) span.begin = number;
      span.end = number + 1;
    }
  }
  return at;
}

}  // namespace

std::vector<TokenSpan> align_tokens(const Encoding& from, const Encoding& to) {
  return align_offsets(from.offsets, to.offsets);
}

std::vector<TokenSpan> align_offsets(std::span<const Offsets> from, std::span<const Offsets> to) {
  const std::vector<TokenSpan> at = tokens_by_place(to);
  std::vector<TokenSpan> spans(from.size());
  for (size_t token = 0; token < from.size(); ++token) {
    const Offsets& place = from[token];
    if (!covers_text(place)) continue;
    TokenSpan& span = spans[token];
    for (int64_t i = place.begin; i < std::min(place.end, std::ssize(at)); ++i) {
      const TokenSpan& here = at[static_cast<size_t>(i)];
      if (here.begin == here.end) continue;
      if (span.begin == span.end) span = here;
      else span = {std::min(span.begin, here.begin), std::max(span.end, here.end)};
    }
  }
  return spans;
}

std::string Granularities::as_json() const {
  nlohmann::ordered_json json;
  for (size_t from = 0; from < levels.size(); ++from) {
    json["ids"].push_back(levels[from].ids);
    nlohmann::ordered_json row = nlohmann::ordered_json::array();
    for (size_t to = 0; to < levels.size(); ++to) {
      nlohmann::ordered_json list;
      if (from != to) list = nlohmann::ordered_json::array();
      if (from != to)
        for (const TokenSpan& span : spans(from, to)) list.push_back({span.begin, span.end});
      row.push_back(std::move(list));
    }
    json["spans"].push_back(std::move(row));
  }
  return json.dump();
}

Granularities encode_granularities(std::span<const Tokenizer> tokenizers, std::string_view text,
                                   bool add_special_tokens, OffsetUnit unit) {
  Granularities all;
  for (const Tokenizer& tokenizer : tokenizers)
    all.levels.push_back(tokenizer.encode_full(text, add_special_tokens, unit));
  return all;
}

}  // namespace heddle::text
