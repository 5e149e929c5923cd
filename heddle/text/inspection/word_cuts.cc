#include "heddle/text/inspection/word_cuts.h"

#include <algorithm>

#include "heddle/base/thread_loop.h"
#include "heddle/text/unicode/properties.h"
#include "heddle/text/utf8.h"

namespace heddle::text {

namespace {

constexpr int32_t kFarEast = 0x2E80;  // scripts from here on write no spaces

}  // namespace

std::vector<Offsets> words_of(std::string_view text) {
  std::vector<Offsets> words;
  Offsets word = {-1, -1};  // from its first character to its last that is no punctuation
  const auto finish = [&] {
    if (word.begin >= 0) words.push_back(word);
    word = {-1, -1};
  };
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = decode(text.data() + at);
    const Properties& properties = properties_of(c.value);
    const auto begin = static_cast<int64_t>(at);
    at += static_cast<size_t>(c.length);
    if (properties.is_space() || (properties.is_punctuation() && c.value >= kFarEast)) {
      finish();
    } else if (!properties.is_punctuation()) {
      if (word.begin < 0) word.begin = begin;
      word.end = static_cast<int64_t>(at);
    }
  }
  finish();
  return words;
}

std::vector<int64_t> CutText::inner_cuts(size_t i) const {
  std::vector<int64_t> places;
  for (int32_t token = cuts[i].begin; token < cuts[i].end; ++token) {
    const int64_t place = tokens[static_cast<size_t>(token)].begin - words[i].begin;
    if (place > 0 && place < words[i].end - words[i].begin) places.push_back(place);
  }
  std::ranges::sort(places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  return places;
}

std::vector<std::string_view> CutText::pieces(size_t i) const {
  std::vector<std::string_view> parts;
  size_t from = 0;
  for (const int64_t place : inner_cuts(i)) {
    parts.push_back(word(i).substr(from, static_cast<size_t>(place) - from));
    from = static_cast<size_t>(place);
  }
  parts.push_back(word(i).substr(from));
  return parts;
}

CutText cut_text(const Tokenizer& tokenizer, std::string_view valid_text) {
  Encoding encoding = tokenizer.encode_full(valid_text, false);
  CutText cut = {.text = valid_text,
                 .ids = std::move(encoding.ids),
                 .tokens = std::move(encoding.offsets),
                 .words = words_of(valid_text),
                 .cuts = {}};
  const int64_t size = std::ssize(valid_text);
  for (Offsets& place : cut.tokens) {
    place.end = std::min(place.end, size);
    place.begin = std::min(place.begin, place.end);
  }
  cut.cuts = align_offsets(cut.words, cut.tokens);
  return cut;
}

std::vector<CutText> cut_texts(const Tokenizer& tokenizer, std::span<const std::string> valid_texts) {
  std::vector<CutText> cuts(valid_texts.size());
  parallel_for(std::ssize(valid_texts), 1, [&](int64_t begin, int64_t end, int) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
      cuts[i] = cut_text(tokenizer, valid_texts[i]);
  });
  return cuts;
}

}  // namespace heddle::text
