#include "heddle/text/inspection/language_profile.h"

#include <algorithm>

#include "heddle/text/inspection/unknown_token.h"
#include "heddle/text/unicode/properties.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

constexpr size_t kProfileBlockBytes = size_t{1} << 20;

// "<0x00>" to "<0xFF>".
bool is_byte_token(std::string_view token) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); };
  return token.size() == 6 && token.starts_with("<0x") && is_digit(token[3]) && is_digit(token[4]) && token[5] == '>';
}

std::vector<std::string> cut_by_lengths(std::string_view word, std::string_view lengths) {
  std::vector<std::string> pieces;
  for (const char length : lengths) {
    const auto bytes = std::min<size_t>(static_cast<unsigned char>(length), word.size());
    pieces.emplace_back(word.substr(0, bytes));
    word.remove_prefix(bytes);
  }
  pieces.emplace_back(word);
  return pieces;
}

}  // namespace

Tokenizer unbounded(const Tokenizer& tokenizer) {
  const TokenizerParts& parts = tokenizer.parts();
  return Tokenizer({.model = parts.model,
                    .normalizer = parts.normalizer,
                    .pre_tokenizer = parts.pre_tokenizer,
                    .post_processor = parts.post_processor,
                    .decoder = parts.decoder,
                    .added_tokens = parts.added_tokens,
                    .truncation = {},
                    .padding = {}});
}

LanguageProfiler::LanguageProfiler(const Tokenizer& tokenizer, const ProfileOptions& options)
    : tokenizer_(tokenizer), options_(options), unknown_id_(unknown_id(*tokenizer.parts().model)) {
  const Vocabulary& vocabulary = tokenizer.parts().model->vocabulary();
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id)
    is_byte_.push_back(vocabulary.has(id) && is_byte_token(vocabulary.token(id)));
  take({});
}

void LanguageProfiler::add(std::string_view text) {
  block_.push_back(is_valid_utf8(text) ? std::string(text) : repair_utf8(text));
  block_bytes_ += text.size();
  if (block_bytes_ >= kProfileBlockBytes) profile_block();
}

void LanguageProfiler::profile_block() {
  for (const CutText& cut : cut_texts(tokenizer_, block_)) {
    ++profile_.texts;
    profile_.bytes += std::ssize(cut.text);
    profile_.characters += static_cast<int64_t>(count_code_points(cut.text));
    add_tokens(cut);
    add_coverage(cut);
    for (size_t i = 0; i < cut.words.size(); ++i) add_word(cut, i);
  }
  block_.clear();
  block_bytes_ = 0;
}

void LanguageProfiler::add_tokens(const CutText& cut) {
  for (const int32_t id : cut.ids) {
    ++profile_.tokens;
    profile_.unknown_tokens += id == unknown_id_;
    profile_.byte_tokens += is_byte_[static_cast<size_t>(id)];
    auto seen = token_seen_[static_cast<size_t>(id)];
    profile_.distinct_tokens += !seen;
    seen = true;
    profile_.token_growth.add(profile_.distinct_tokens);
  }
}

bool LanguageProfiler::is_known(const CutText& cut, int32_t token) const {
  return cut.ids[static_cast<size_t>(token)] != unknown_id_;
}

void LanguageProfiler::add_coverage(const CutText& cut) {
  std::vector<bool> known(cut.text.size());
  for (size_t token = 0; token < cut.ids.size(); ++token)
    if (is_known(cut, static_cast<int32_t>(token)))
      for (int64_t at = cut.tokens[token].begin; at < cut.tokens[token].end; ++at)
        known[static_cast<size_t>(at)] = true;
  for (size_t at = 0; at < cut.text.size();) {
    const CodePoint c = decode(cut.text.data() + at);
    if (!properties_of(c.value).is_space()) {
      ++profile_.shown;
      profile_.covered += known[at];
    }
    at += static_cast<size_t>(c.length);
  }
}

void LanguageProfiler::add_word(const CutText& cut, size_t i) {
  const TokenSpan& span = cut.cuts[i];
  const int64_t tokens = span.end - span.begin;
  const bool whole = tokens == 1 && is_known(cut, span.begin);
  ++profile_.words;
  profile_.whole_words += whole;
  ++profile_.words_by_tokens[std::min<size_t>(static_cast<size_t>(tokens), ProfileOptions::kMostTokensCounted)];
  auto found = words_.find(cut.word(i));
  if (found == words_.end()) {
    if (words_.size() >= options_.most_words) {
      ++profile_.words_not_listed;
      return;
    }
    Word word = {.tokens = tokens, .whole = whole, .piece_lengths = {}};
    int64_t from = 0;
    for (const int64_t place : cut.inner_cuts(i)) {
      word.piece_lengths += static_cast<char>(std::min<int64_t>(place - from, 255));
      from = place;
    }
    found = words_.emplace(cut.word(i), std::move(word)).first;
    ++profile_.distinct_words;
    profile_.distinct_whole_words += whole;
  }
  ++found->second.count;
  profile_.word_growth.add(profile_.distinct_words);
}

// The best words, ties by their bytes.
template <class Better>
std::vector<WordInPieces> LanguageProfiler::first_words(Better better, int64_t longest) const {
  using Entry = Words::value_type;
  std::vector<const Entry*> entries;
  for (const Entry& entry : words_)
    if (entry.second.tokens > 1 && static_cast<int64_t>(count_code_points(entry.first)) <= longest)
      entries.push_back(&entry);
  const size_t count = std::min(options_.words_shown, entries.size());
  std::partial_sort(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(count), entries.end(),
                    [&](const Entry* a, const Entry* b) {
    const auto key_a = better(a->second), key_b = better(b->second);
    return key_a != key_b ? key_a > key_b : a->first < b->first;
  });
  std::vector<WordInPieces> words;
  for (const Entry* entry : std::span(entries).first(count))
    words.push_back(
        {cut_by_lengths(entry->first, entry->second.piece_lengths), entry->second.count, entry->second.tokens});
  return words;
}

LanguageProfile LanguageProfiler::take(const std::string& name) {
  profile_block();
  profile_.name = name;
  profile_.worst =
      first_words([](const Word& word) { return std::pair(word.tokens, word.count); }, ProfileOptions::kLongestShown);
  profile_.costliest =
      first_words([](const Word& word) { return std::pair(word.count * (word.tokens - 1), word.count); }, INT64_MAX);
  LanguageProfile taken = std::move(profile_);
  profile_ = {};
  profile_.words_by_tokens.assign(ProfileOptions::kMostTokensCounted + 1, 0);
  words_.clear();
  token_seen_.assign(static_cast<size_t>(tokenizer_.vocab_size()), false);
  return taken;
}

}  // namespace heddle::text
