#include "heddle/text/models/bpe.h"

#include <random>
#include <unordered_map>

#include <fmt/format.h>

#include "heddle/base/error.h"
#include "heddle/text/byte_level.h"

namespace heddle::text {

Bpe::Bpe(Vocabulary vocabulary_of_bpe, std::vector<std::pair<int32_t, int32_t>> merges, BpeOptions options)
    : RememberingModel(std::move(vocabulary_of_bpe)), merges_(std::move(merges)), options_(std::move(options)) {
  if (!(options_.dropout >= 0 && options_.dropout <= 1))
    fail_input("the dropout of BPE is {}; it must be from 0 to 1", options_.dropout);
  const Vocabulary& tokens = vocabulary();
  if (!options_.unk_token.empty()) unk_ = tokens.find(options_.unk_token);
  bool has_all_bytes = true;
  for (int byte = 0; byte < 256; ++byte) {
    std::string character;
    append_utf8(character, character_of_byte(static_cast<uint8_t>(byte)));
    const auto i = static_cast<size_t>(byte);
    id_of_byte_[i] = tokens.find(character);
    fallback_[i] = tokens.find(fmt::format("<0x{:02X}>", byte));
    has_all_bytes = has_all_bytes && id_of_byte_[i] != Vocabulary::kNone;
  }
  reads_bytes_ = has_all_bytes && options_.continuing_subword_prefix.empty() && options_.end_of_word_suffix.empty();
  int32_t rank = 0;
  std::unordered_map<int32_t, int32_t> first_ranks;  // by token
  for (const auto& [left, right] : merges_) {
    const std::string_view rest = tokens.token(right);
    const std::string joined =
        std::string(tokens.token(left))
            .append(rest.substr(std::min(rest.size(), options_.continuing_subword_prefix.size())));
    const int32_t id = tokens.find(joined);
    if (id == Vocabulary::kNone) fail_input("a merge of BPE gives \"{}\", which is no token of the vocabulary", joined);
    table_.add(left, right, options_.rank_by_token ? first_ranks.emplace(id, rank).first->second : rank, id);
    ++rank;
  }
  if (!reads_bytes_) return;
  std::vector<std::string> bytes;
  for (int32_t id = 0; id < tokens.size(); ++id)
    bytes.push_back(tokens.has(id) ? characters_to_bytes(tokens.token(id)) : "");
  search_ = BpeSearch::of(bytes, id_of_byte_, table_, merges_);
  joiner_ = ByteJoiner::of(id_of_byte_, table_, merges_);
}

bool Bpe::add_bytes(std::string_view symbol, std::vector<Symbol>& symbols) const {
  for (char c : symbol)
    if (fallback_[static_cast<unsigned char>(c)] == Vocabulary::kNone) return false;
  for (char c : symbol) symbols.push_back({fallback_[static_cast<unsigned char>(c)], 1});
  return true;
}

// The symbols that a piece begins with: its characters. Unknown ones wait in `unknown` for the next known one, which is
// when the tokenizers library adds them.
void Bpe::add_symbols(std::string_view piece, std::vector<Symbol>& symbols) const {
  Symbol unknown = {unk_, 0};
  const auto flush = [&] {
    if (unknown.length > 0) symbols.push_back(unknown);
    unknown.length = 0;
  };
  std::string decorated;
  for (size_t at = 0; at < piece.size();) {
    const auto length = static_cast<size_t>(decode(piece.data() + at).length);
    const bool is_last = at + length == piece.size();
    std::string_view symbol = piece.substr(at, length);
    if ((at > 0 && !options_.continuing_subword_prefix.empty()) || (is_last && !options_.end_of_word_suffix.empty())) {
      decorated.assign(at > 0 ? options_.continuing_subword_prefix : "").append(symbol);
      if (is_last) decorated += options_.end_of_word_suffix;
      symbol = decorated;
    }
    at += length;
    if (const int32_t id = vocabulary().find(symbol); id != Vocabulary::kNone) {
      flush();
      symbols.push_back({id, static_cast<uint32_t>(length)});
      continue;
    }
    if (options_.byte_fallback && add_bytes(symbol, symbols)) continue;
    if (options_.unk_token.empty()) continue;
    if (unk_ == Vocabulary::kNone)
      fail_input("the text holds \"{}\", which is no token, and neither is the unk_token \"{}\"", symbol,
                 options_.unk_token);
    if (!options_.fuse_unk) flush();
    unknown.length += static_cast<uint32_t>(length);
  }
  flush();
}

template <class Join>
void Bpe::cut(std::string_view piece, bool as_bytes, std::vector<Token>& tokens, Join&& join) const {
  thread_local std::vector<Symbol> symbols;
  symbols.clear();
  if (as_bytes)
    for (char c : piece) symbols.push_back({id_of_byte_[static_cast<unsigned char>(c)], 1});
  else add_symbols(piece, symbols);
  join(symbols);
  uint32_t at = 0;
  for (const Symbol& symbol : symbols) {
    tokens.push_back({symbol.id, at, at + symbol.length});
    at += symbol.length;
  }
}

void Bpe::tokenize(std::string_view piece, bool as_bytes, std::vector<Token>& tokens) const {
  if (options_.dropout > 0) {
    thread_local RandomStream random(RandomKey{.seed = std::random_device()()});
    return sample(piece, as_bytes, {.dropout = options_.dropout}, random, tokens);
  }
  if (const auto id = whole(piece, as_bytes)) {
    tokens.push_back({*id, 0, static_cast<uint32_t>(piece.size())});
    return;
  }
  if (as_bytes && search_) {
    thread_local std::vector<int32_t> ids;
    ids.clear();
    search_->append_ids(piece, ids, table_);
    uint32_t at = 0;
    for (const int32_t id : ids) {
      tokens.push_back({id, at, at + search_->length(id)});
      at = tokens.back().end;
    }
    return;
  }
  cut(piece, as_bytes, tokens, [&](std::vector<Symbol>& symbols) { table_.apply(symbols); });
}

void Bpe::append_ids(std::string_view piece, bool as_bytes, std::vector<int32_t>& ids) const {
  if (!as_bytes) return RememberingModel::append_ids(piece, as_bytes, ids);
  if (const auto id = whole(piece, as_bytes)) return ids.push_back(*id);
  if (joiner_ && joiner_->append_ids(piece, ids)) return;
  if (search_) search_->append_ids(piece, ids, table_);
  else RememberingModel::append_ids(piece, as_bytes, ids);
}

// The token that a piece is as it stands, where merges do not matter to that.
std::optional<int32_t> Bpe::whole(std::string_view piece, bool as_bytes) const {
  if (!options_.ignore_merges) return std::nullopt;
  const int32_t id = as_bytes ? vocabulary().find(bytes_to_characters(piece)) : vocabulary().find(piece);
  return id == Vocabulary::kNone ? std::nullopt : std::optional(id);
}

void Bpe::sample(std::string_view piece, bool as_bytes, const SubwordSampling& how, RandomStream& random,
                 std::vector<Token>& tokens) const {
  cut(piece, as_bytes, tokens, [&](std::vector<Symbol>& symbols) { table_.apply(symbols, how.dropout, random); });
}

void Bpe::write(JsonWriter& json) const {
  const auto text_or_null = [&](const char* key, const std::string& text) {
    json.key(key);
    if (text.empty()) json.null();
    else json.value(text);
  };
  json.member("type", "BPE");
  json.key("dropout");
  if (options_.dropout == 0) json.null();
  else json.value(options_.dropout);
  text_or_null("unk_token", options_.unk_token);
  text_or_null("continuing_subword_prefix", options_.continuing_subword_prefix);
  text_or_null("end_of_word_suffix", options_.end_of_word_suffix);
  json.member("fuse_unk", options_.fuse_unk);
  json.member("byte_fallback", options_.byte_fallback);
  json.member("ignore_merges", options_.ignore_merges);
  if (options_.rank_by_token) json.member("rank_by_token", true);
  json.key("vocab");
  vocabulary().write(json);
  json.key("merges");
  json.begin_list();
  for (const auto& [left, right] : merges_) {
    json.begin_list(true);
    json.value(vocabulary().token(left));
    json.value(vocabulary().token(right));
    json.end_list();
  }
  json.end_list();
}

namespace {

// A merge is "a b" or ["a", "b"].
std::pair<std::string_view, std::string_view> halves_of(const JsonView& merge) {
  if (merge.is_list()) {
    if (merge.size() != 2) merge.fail("a merge must be \"a b\" or [\"a\", \"b\"]");
    return {merge.item(0).text(), merge.item(1).text()};
  }
  const std::string_view text = merge.text();
  const size_t space = text.find(' ');
  if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos)
    merge.fail("the merge \"{}\" must have one space", text.substr(0, 100));
  return {text.substr(0, space), text.substr(space + 1)};
}

}  // namespace

ModelPtr read_bpe(const JsonView& json) {
  BpeOptions options;
  if (const auto dropout = json.find("dropout")) options.dropout = dropout->number();
  options.unk_token = json.text_or("unk_token", "");
  options.continuing_subword_prefix = json.text_or("continuing_subword_prefix", "");
  options.end_of_word_suffix = json.text_or("end_of_word_suffix", "");
  options.fuse_unk = json.flag_or("fuse_unk", false);
  options.byte_fallback = json.flag_or("byte_fallback", false);
  options.ignore_merges = json.flag_or("ignore_merges", false);
  options.rank_by_token = json.flag_or("rank_by_token", false);
  Vocabulary vocabulary = Vocabulary::read(json.at("vocab"));
  std::vector<std::pair<int32_t, int32_t>> merges;
  const JsonView list = json.at("merges");
  for (size_t i = 0; i < list.size(); ++i) {
    const auto [left, right] = halves_of(list.item(i));
    merges.emplace_back(vocabulary.find(left), vocabulary.find(right));
    const auto& ids = merges.back();
    if (ids.first == Vocabulary::kNone || ids.second == Vocabulary::kNone)
      list.item(i).fail("a merge needs the token \"{}\", which the vocabulary lacks",
                        (ids.first == Vocabulary::kNone ? left : right).substr(0, 100));
  }
  return std::make_shared<Bpe>(std::move(vocabulary), std::move(merges), std::move(options));
}

}  // namespace heddle::text
