#include "heddle/text/added_tokens.h"

#include <algorithm>

#include "heddle/text/unicode/properties.h"

namespace heddle::text {

TokenMatcher::TokenMatcher(std::vector<std::pair<std::string, size_t>> contents) : contents_(std::move(contents)) {
  std::ranges::sort(contents_);
  for (const auto& [content, index] : contents_)
    if (first_bytes_.empty() || first_bytes_.back() != content[0]) first_bytes_ += content[0];
}

// Narrows the sorted contents to those that agree with the text, one byte after the other.
std::optional<TokenMatcher::Match> TokenMatcher::longest_at(std::string_view text, size_t at) const {
  std::optional<Match> longest;
  auto first = contents_.begin(), last = contents_.end();
  for (size_t depth = 0; first != last && at + depth < text.size(); ++depth) {
    const auto byte_at_depth = [depth](const auto& entry) {
      return depth < entry.first.size() ? static_cast<unsigned char>(entry.first[depth]) : -1;
    };
    const int byte = static_cast<unsigned char>(text[at + depth]);
    first = std::ranges::lower_bound(first, last, byte, {}, byte_at_depth);
    last = std::ranges::upper_bound(first, last, byte, {}, byte_at_depth);
    if (first != last && first->first.size() == depth + 1) longest = Match{at, first->second, depth + 1};
  }
  return longest;
}

std::optional<TokenMatcher::Match> TokenMatcher::find(std::string_view text, size_t at) const {
  if (empty()) return std::nullopt;
  const auto next = [&](size_t from) {
    return first_bytes_.size() == 1 ? text.find(first_bytes_[0], from) : text.find_first_of(first_bytes_, from);
  };
  for (at = next(at); at < text.size(); at = next(at + 1))
    if (const auto match = longest_at(text, at)) return match;
  return std::nullopt;
}

AddedTokens::AddedTokens(std::vector<AddedToken> tokens, const Normalizer* normalizer) : tokens_(std::move(tokens)) {
  std::ranges::stable_sort(tokens_, {}, &AddedToken::id);
  std::vector<std::pair<std::string, size_t>> plain, normalized;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const AddedToken& token = tokens_[i];
    by_content_.emplace(token.content, i);
    std::string content = token.content;
    if (token.normalized && normalizer) {
      AlignedText text(token.content, false);
      normalizer->apply(text);
      content = text.text();
    }
    if (!content.empty() && token.in_text) (token.normalized ? normalized : plain).emplace_back(content, i);
    shown_.push_back(std::move(content));
  }
  plain_ = TokenMatcher(std::move(plain));
  normalized_ = TokenMatcher(std::move(normalized));
}

const AddedToken* AddedTokens::find(int32_t id) const {
  const auto found = std::ranges::lower_bound(tokens_, id, {}, &AddedToken::id);
  return found != tokens_.end() && found->id == id ? &*found : nullptr;
}

const AddedToken* AddedTokens::find(std::string_view content) const {
  const auto found = by_content_.find(content);
  return found == by_content_.end() ? nullptr : &tokens_[found->second];
}

const std::string& AddedTokens::shown(const AddedToken& token) const {
  return shown_[static_cast<size_t>(&token - tokens_.data())];
}

bool AddedTokens::is_special(std::string_view content) const {
  const AddedToken* token = find(content);
  return token && token->special;
}

std::optional<std::pair<size_t, size_t>> AddedTokens::extent(std::string_view text, const TokenMatcher::Match& found,
                                                             size_t least) const {
  const AddedToken& token = tokens_[found.index];
  size_t begin = found.begin, end = begin + found.length;
  if (token.single_word) {
    if (begin > 0 && properties_of(decode_before(text, begin).value).is_word()) return std::nullopt;
    if (end < text.size() && properties_of(decode(text.data() + end).value).is_word()) return std::nullopt;
  }
  if (token.lstrip)
    while (begin > least) {
      const CodePoint point = decode_before(text, begin);
      if (!properties_of(point.value).is_space()) break;
      begin -= static_cast<size_t>(point.length);
    }
  if (token.rstrip)
    while (end < text.size()) {
      const CodePoint point = decode(text.data() + end);
      if (!properties_of(point.value).is_space()) break;
      end += static_cast<size_t>(point.length);
    }
  return std::pair(std::max(begin, least), end);
}

std::vector<AddedToken> AddedTokens::read(const JsonView& json, const Vocabulary& vocabulary) {
  std::vector<AddedToken> tokens;
  int32_t next_free = vocabulary.count();
  for (size_t i = 0; i < json.size(); ++i) {
    const JsonView entry = json.item(i);
    AddedToken token;
    token.content = entry.at("content").text();
    token.special = entry.flag_or("special", false);
    token.normalized = entry.flag_or("normalized", false);
    token.single_word = entry.flag_or("single_word", false);
    token.lstrip = entry.flag_or("lstrip", false);
    token.rstrip = entry.flag_or("rstrip", false);
    token.in_text = entry.flag_or("in_text", true);
    if (token.content.empty()) entry.fail("an added token is empty");
    if (token.content.size() > kLongest) entry.fail("an added token is longer than {} bytes", kLongest);
    token.id = static_cast<int32_t>(entry.at("id").integer(0, INT32_MAX - 1));
    const int32_t known = vocabulary.find(token.content);
    const int32_t expected = known != Vocabulary::kNone ? known : next_free++;
    if (token.id != expected)
      entry.fail("the added token \"{}\" has the id {}; the vocabulary and the tokens before make it {}", token.content,
                 token.id, expected);
    tokens.push_back(std::move(token));
  }
  std::map<std::string_view, int> seen;
  for (const AddedToken& token : tokens)
    if (++seen[token.content] > 1) json.fail("the token \"{}\" is added twice", token.content);
  return tokens;
}

void AddedTokens::write(JsonWriter& json) const {
  json.begin_list();
  for (const AddedToken& token : tokens_) {
    json.begin_object();
    json.member("id", token.id);
    json.member("content", token.content);
    json.member("single_word", token.single_word);
    json.member("lstrip", token.lstrip);
    json.member("rstrip", token.rstrip);
    json.member("normalized", token.normalized);
    json.member("special", token.special);
    if (!token.in_text) json.member("in_text", false);
    json.end_object();
  }
  json.end_list();
}

}  // namespace heddle::text
