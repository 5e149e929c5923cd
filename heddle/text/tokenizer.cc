#include "heddle/text/tokenizer.h"

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/byte_level.h"

namespace heddle::text {
namespace {

// Pieces of a language repeat; past this many the cache would only grow.
constexpr size_t kMostCached = 100000;
constexpr size_t kLongestCached = 64;

}  // namespace

std::vector<std::string> default_special_tokens() { return {"<pad>", "<s>", "</s>", "<unk>"}; }

Tokenizer Tokenizer::from_vocabulary(const BpeVocabulary& vocabulary, size_t special_count) {
  Tokenizer tokenizer;
  tokenizer.tokens_ = vocabulary.tokens;
  tokenizer.merges_ = vocabulary.merges;
  std::vector<AddedToken> special;
  for (size_t i = 0; i < special_count; ++i) special.push_back({vocabulary.tokens[i], static_cast<int32_t>(i), true});
  tokenizer.index_tokens(std::move(special));
  if (const auto end = tokenizer.id_of("</s>")) tokenizer.after_ = {*end};
  return tokenizer;
}

void Tokenizer::index_tokens(std::vector<AddedToken> added) {
  kinds_.assign(tokens_.size(), Kind::plain);
  for (const AddedToken& token : added)
    kinds_[static_cast<size_t>(token.id)] = token.special ? Kind::special : Kind::added;
  added_ = AddedTokens(std::move(added));
  for (size_t i = 0; i < tokens_.size(); ++i) ids_.emplace(tokens_[i], static_cast<int32_t>(i));
  for (int b = 0; b < 256; ++b) {
    std::string symbol;
    append_utf8(symbol, character_of_byte(static_cast<uint8_t>(b)));
    const auto found = ids_.find(symbol);
    id_of_byte_[static_cast<size_t>(b)] = found == ids_.end() ? -1 : found->second;
  }
  int32_t rank = 0;
  for (const auto& [left, right] : merges_) {
    const auto joined = ids_.find(tokens_[static_cast<size_t>(left)] + tokens_[static_cast<size_t>(right)]);
    bpe_.add_merge(left, right, rank++, joined->second);
  }
}

void Tokenizer::encode_piece(std::string_view piece, std::vector<int32_t>& ids) const {
  std::string key(piece);
  if (const auto found = cache_.find(key); found != cache_.end()) {
    ids.insert(ids.end(), found->second.begin(), found->second.end());
    return;
  }
  std::vector<int32_t> symbols;
  for (char c : piece) {
    const int32_t id = id_of_byte_[static_cast<uint8_t>(c)];
    if (id >= 0) symbols.push_back(id);  // as the peer does, a byte without a token is left out
  }
  bpe_.apply(symbols);
  ids.insert(ids.end(), symbols.begin(), symbols.end());
  if (cache_.size() < kMostCached && piece.size() <= kLongestCached) cache_.emplace(std::move(key), std::move(symbols));
}

void Tokenizer::encode_plain(std::string_view text, std::vector<int32_t>& ids) const {
  if (text.empty()) return;
  std::string prefixed;
  if (add_prefix_space_ && text[0] != ' ') text = prefixed.append(1, ' ').append(text);
  for (std::string_view piece : split_gpt2(text)) encode_piece(piece, ids);
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, bool add_special_tokens) const {
  std::string repaired;
  if (!is_valid_utf8(text)) text = repaired = repair_utf8(text);
  std::vector<int32_t> ids;
  if (add_special_tokens) ids = before_;
  size_t plain = 0;
  for (size_t at = 0; at < text.size();) {
    const AddedToken* hit = added_.longest_at(text, at);
    if (!hit) {
      ++at;
      continue;
    }
    encode_plain(text.substr(plain, at - plain), ids);
    ids.push_back(hit->id);
    plain = at += hit->content.size();
  }
  encode_plain(text.substr(plain), ids);
  if (add_special_tokens) ids.insert(ids.end(), after_.begin(), after_.end());
  return ids;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special_tokens) const {
  std::string bytes;
  for (int32_t id : ids) {
    const std::string& token = token_of(id);
    const Kind kind = kinds_[static_cast<size_t>(id)];
    if (skip_special_tokens && kind == Kind::special) continue;
    bytes += kind == Kind::plain ? characters_to_bytes(token) : token;
  }
  return repair_utf8(bytes);
}

std::optional<int32_t> Tokenizer::id_of(std::string_view token) const {
  const auto found = ids_.find(std::string(token));
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

const std::string& Tokenizer::token_of(int32_t id) const {
  if (id < 0 || id >= vocab_size())
    fail_input("token id {} lies outside the vocabulary of {} tokens", id, vocab_size());
  return tokens_[static_cast<size_t>(id)];
}

namespace {

std::optional<int32_t> first_of(const Tokenizer& tokenizer, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto id = tokenizer.id_of(name)) return id;
  return std::nullopt;
}

}  // namespace

std::optional<int32_t> Tokenizer::pad_id() const { return first_of(*this, {"<pad>", "[PAD]"}); }
std::optional<int32_t> Tokenizer::begin_id() const {
  return first_of(*this, {"<s>", "<bos>", "[CLS]", "<|endoftext|>"});
}
std::optional<int32_t> Tokenizer::end_id() const {
  return first_of(*this, {"</s>", "<eos>", "[SEP]", "<|endoftext|>"});
}

}  // namespace heddle::text
