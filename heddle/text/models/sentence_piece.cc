#include "heddle/text/models/sentence_piece.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "heddle/base/error.h"
#include "heddle/text/decoders/bytes.h"

namespace heddle::text {
namespace {

using Kind = SentencePiece::Kind;

// By number.
constexpr std::array kKinds = {"", "normal", "unknown", "control", "user_defined", "unused", "byte"};

std::vector<std::string> texts_of(const std::vector<SentencePiece>& pieces) {
  std::vector<std::string> texts;
  for (const SentencePiece& piece : pieces) texts.push_back(piece.text);
  return texts;
}

// Stands for an id that is not used, any number of times.
bool is_filler(const SentencePiece& piece) {
  return piece.kind == Kind::unused && piece.text == std::string_view("", 1);
}

void check(const SentencePiece& piece, size_t id) {
  if (piece.text.empty()) fail_input("piece {} is empty", id);
  if (piece.text.size() > SentencePieceModel::kLongest)
    fail_input("piece {} has {} bytes; the most is {}", id, piece.text.size(), SentencePieceModel::kLongest);
  if (piece.text.find('\0') != std::string::npos)
    fail_input("piece {} holds a zero byte, where SentencePiece would cut it off", id);
  if (!std::isfinite(piece.score)) fail_input("the score of piece {}, \"{}\", is no number", id, piece.text);
}

// The byte of "<0x41>"; -1: there is none of this name.
int byte_of(const std::string& text) {
  const int byte = byte_of_fallback(text);
  return byte >= 0 && text == fmt::format("<0x{:02X}>", byte) ? byte : -1;
}

}  // namespace

SentencePieceModel::SentencePieceModel(std::vector<SentencePiece> pieces, bool byte_fallback)
    : RememberingModel(Vocabulary(texts_of(pieces))), pieces_(std::move(pieces)), byte_fallback_(byte_fallback) {
  id_of_byte_.fill(Vocabulary::kNone);
  for (size_t id = 0; id < pieces_.size(); ++id) {
    const SentencePiece& piece = pieces_[id];
    if (is_filler(piece)) continue;
    check(piece, id);
    if (const int32_t last = vocabulary().find(piece.text); last != static_cast<int32_t>(id))
      fail_input("the pieces {} and {} are both \"{}\"", id, last, piece.text);
    if (piece.kind == Kind::unknown) {
      if (unk_ != Vocabulary::kNone) fail_input("the pieces {} and {} are both of the unknown kind", unk_, id);
      unk_ = static_cast<int32_t>(id);
    }
    if (piece.kind != Kind::byte) continue;
    if (!byte_fallback_) fail_input("piece {}, \"{}\", is a byte, but there is no byte_fallback", id, piece.text);
    const int byte = byte_of(piece.text);
    if (byte < 0)
      fail_input("piece {}, \"{}\", is of the kind byte and names none; expected \"<0x41>\"", id, piece.text);
    id_of_byte_[static_cast<size_t>(byte)] = static_cast<int32_t>(id);
  }
  if (unk_ == Vocabulary::kNone && !byte_fallback_)
    fail_input("none of the {} pieces is of the unknown kind", pieces_.size());
  if (std::ranges::none_of(pieces_, &SentencePiece::is_text)) fail_input("no piece can stand for a part of a text");
  for (size_t byte = 0; byte < id_of_byte_.size() && byte_fallback_; ++byte)
    if (id_of_byte_[byte] == Vocabulary::kNone) fail_input("there is byte_fallback, but no piece \"<0x{:02X}>\"", byte);
}

void SentencePieceModel::tokenize(std::string_view piece, bool, std::vector<Token>& tokens) const {
  thread_local std::vector<Symbol> segments;
  segments.clear();
  segment(piece, segments);
  add(piece, segments, tokens);
}

void SentencePieceModel::sample(std::string_view piece, bool, const SubwordSampling& how, RandomStream& random,
                                std::vector<Token>& tokens) const {
  std::vector<Symbol> segments;
  sample_segments(piece, how, random, segments);
  add(piece, segments, tokens);
}

void SentencePieceModel::add(std::string_view piece, const std::vector<Symbol>& segments,
                             std::vector<Token>& tokens) const {
  uint32_t at = 0;
  bool after_unknown = false;
  for (const Symbol& part : segments) {
    const uint32_t end = at + part.length;
    const bool unknown = part.id == unk_;
    if (unknown && byte_fallback_) {
      for (char c : piece.substr(at, part.length))
        tokens.push_back({id_of_byte_[static_cast<unsigned char>(c)], at, end});
    } else if (unknown && after_unknown) {
      tokens.back().end = end;  // a run of unknown characters is one token
    } else {
      tokens.push_back({part.id, at, end, unknown});
    }
    after_unknown = unknown;
    at = end;
  }
}

void SentencePieceModel::write(JsonWriter& json) const {
  json.member("type", type());
  json.member("byte_fallback", byte_fallback_);
  json.key("pieces");
  json.begin_list();
  for (const SentencePiece& piece : pieces_) {
    json.begin_list(true);
    json.value(piece.text);
    json.value(static_cast<double>(piece.score));
    if (piece.kind != Kind::normal) json.value(kKinds[static_cast<size_t>(piece.kind)]);
    json.end_list();
  }
  json.end_list();
}

UserDefinedSymbols::UserDefinedSymbols(const std::vector<std::string>& symbols) {
  std::vector<std::pair<std::string_view, int32_t>> strings;
  for (const std::string& symbol : symbols) {
    if (symbol.empty()) fail_input("a user-defined symbol is empty");
    strings.emplace_back(symbol, 0);
  }
  trie_ = ByteTrie(std::move(strings));
}

std::vector<std::string> user_defined_symbols(const std::vector<SentencePiece>& pieces) {
  std::vector<std::string> symbols;
  for (const SentencePiece& piece : pieces)
    if (piece.kind == Kind::user_defined) symbols.push_back(piece.text);
  return symbols;
}

std::vector<SentencePiece> read_sentence_pieces(const JsonView& json) {
  const JsonView list = json.at("pieces");
  if (!list.is_list()) list.fail("the pieces must be a list of texts with their scores");
  std::vector<SentencePiece> pieces;
  for (size_t i = 0; i < list.size(); ++i) {
    const JsonView entry = list.item(i);
    SentencePiece piece = {entry.item(0).text(), static_cast<float>(entry.item(1).number())};
    if (entry.size() > 2) {
      const auto kind = std::ranges::find(kKinds, std::string_view(entry.item(2).text()));
      if (kind == kKinds.end() || kind == kKinds.begin()) entry.item(2).fail("this kind of piece is not known");
      piece.kind = static_cast<Kind>(kind - kKinds.begin());
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace heddle::text
