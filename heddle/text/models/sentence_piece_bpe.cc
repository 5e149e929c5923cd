#include "heddle/text/models/sentence_piece_bpe.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <unordered_map>

namespace heddle::text {
namespace {

using Kind = SentencePiece::Kind;

constexpr int32_t kLone = std::numeric_limits<int32_t>::max();  // joins with nothing

template <class Use>
void each_character(std::string_view text, Use&& use) {
  for (size_t at = 0; at < text.size();) {
    const auto length = static_cast<size_t>(decode(text.data() + at).length);
    use(at, text.substr(at, length));
    at += length;
  }
}

}  // namespace

SentencePieceBpe::SentencePieceBpe(std::vector<SentencePiece> list, bool byte_fallback, bool joins)
    : SentencePieceModel(std::move(list), byte_fallback), joins_(joins), user_defined_(user_defined_symbols(pieces())) {
  if (joins_) add_merges();
}

// Before loose_ is there, this knows pieces alone.
int32_t SentencePieceBpe::symbol_of(std::string_view text) const {
  if (const int32_t id = vocabulary().find(text);
      id != Vocabulary::kNone && pieces()[static_cast<size_t>(id)].is_text())
    return id;
  const int32_t place = loose_.find(text);
  return place == Vocabulary::kNone ? kLone : loose(place);
}

void SentencePieceBpe::add_merges() {
  std::set<float, std::greater<>> scores;
  std::set<std::string> loose;
  for (const SentencePiece& piece : pieces()) {
    if (piece.kind != Kind::normal && piece.kind != Kind::unused) continue;
    scores.insert(piece.score);
    has_unused_ = has_unused_ || piece.kind == Kind::unused;
    each_character(piece.text, [&](size_t, std::string_view character) {
      if (symbol_of(character) == kLone) loose.emplace(character);
    });
  }
  loose_ = Vocabulary(std::vector<std::string>(loose.begin(), loose.end()));
  std::unordered_map<float, int32_t> ranks;
  for (float score : scores) ranks.emplace(score, static_cast<int32_t>(ranks.size()));
  // User-defined symbols join with nothing, and nothing joins to one: where it could stand it was found before.
  const auto is_user_defined = [&](int32_t symbol) {
    return symbol < vocabulary().size() && pieces()[static_cast<size_t>(symbol)].kind == Kind::user_defined;
  };
  for (size_t id = 0; id < pieces().size(); ++id) {
    const SentencePiece& piece = pieces()[id];
    if (piece.kind != Kind::normal && piece.kind != Kind::unused) continue;
    const std::string_view text = piece.text;
    each_character(text, [&](size_t at, std::string_view) {
      if (at == 0) return;
      const int32_t left = symbol_of(text.substr(0, at)), right = symbol_of(text.substr(at));
      if (left == kLone || right == kLone || is_user_defined(left) || is_user_defined(right)) return;
      merges_.add(left, right, ranks.at(piece.score), static_cast<int32_t>(id));
    });
  }
}

bool SentencePieceBpe::is_unused(int32_t symbol) const {
  return symbol < vocabulary().size() && pieces()[static_cast<size_t>(symbol)].kind == Kind::unused;
}

// Joins, and takes unused pieces apart into the halves that were seen last anywhere in the text.
void SentencePieceBpe::join(std::vector<Symbol>& symbols) const {
  if (!has_unused_) return merges_.apply(symbols);
  std::unordered_map<int32_t, std::pair<int32_t, int32_t>> halves;
  merges_.apply(symbols, [&](int32_t left, int32_t right, int32_t joined) {
    if (is_unused(joined)) halves[joined] = {left, right};
  });
  std::vector<Symbol> apart;
  const std::function<void(Symbol)> add = [&](Symbol symbol) {
    const auto half = is_unused(symbol.id) ? halves.find(symbol.id) : halves.end();
    if (half == halves.end()) return apart.push_back(symbol);
    const auto [left, right] = half->second;
    const auto length = static_cast<uint32_t>(
        left < vocabulary().size() ? vocabulary().token(left).size() : loose_.token(left - vocabulary().size()).size());
    add({left, length});
    add({right, symbol.length - length});
  };
  for (const Symbol& symbol : symbols) add(symbol);
  symbols.swap(apart);
}

template <class Join>
void SentencePieceBpe::cut(std::string_view text, std::vector<Symbol>& segments, Join&& join_symbols) const {
  thread_local std::vector<Symbol> symbols;
  symbols.clear();
  for (size_t at = 0; at < text.size();) {
    size_t length = user_defined_.longest_prefix(text.substr(at));
    if (length == 0) length = static_cast<size_t>(decode(text.data() + at).length);
    symbols.push_back({symbol_of(text.substr(at, length)), static_cast<uint32_t>(length)});
    at += length;
  }
  if (joins_) join_symbols(symbols);
  for (const auto& [id, length] : symbols)
    segments.push_back({id >= vocabulary().size() || is_unused(id) ? unk_id() : id, length});
}

void SentencePieceBpe::segment(std::string_view text, std::vector<Symbol>& segments) const {
  cut(text, segments, [this](std::vector<Symbol>& symbols) { join(symbols); });
}

void SentencePieceBpe::sample_segments(std::string_view text, const SubwordSampling& how, RandomStream& random,
                                       std::vector<Symbol>& segments) const {
  cut(text, segments, [&](std::vector<Symbol>& symbols) { merges_.apply(symbols, how.dropout, random); });
}

}  // namespace heddle::text
