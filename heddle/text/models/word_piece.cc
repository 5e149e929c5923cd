#include "heddle/text/models/word_piece.h"

#include "heddle/base/error.h"

namespace heddle::text {

WordPiece::WordPiece(Vocabulary tokens, WordPieceOptions options)
    : RememberingModel(std::move(tokens)), options_(std::move(options)), unk_(vocabulary().find(options_.unk_token)) {
  for (int32_t id = 0; id < vocabulary().size(); ++id)
    if (vocabulary().has(id)) longest_ = std::max(longest_, vocabulary().token(id).size());
}

// Whether the piece can be put together. Of what fits at a place the shortest is never passed over.
template <class PassesOver>
bool WordPiece::cut(std::string_view piece, std::vector<Token>& tokens, PassesOver passes_over) const {
  if (piece.size() > static_cast<size_t>(options_.max_input_chars_per_word) &&
      count_code_points(piece) > static_cast<size_t>(options_.max_input_chars_per_word))
    return false;
  const size_t prefix = options_.continuing_subword_prefix.size();
  thread_local std::string continued;  // the prefix, then the rest of the piece
  continued.assign(options_.continuing_subword_prefix).append(piece);
  for (size_t begin = 0; begin < piece.size();) {
    // The prefix is written over what was consumed, right before the rest.
    std::string_view rest = piece.substr(begin);
    if (begin > 0) {
      std::copy(options_.continuing_subword_prefix.begin(), options_.continuing_subword_prefix.end(),
                continued.begin() + static_cast<std::ptrdiff_t>(begin));
      rest = std::string_view(continued).substr(begin);
    }
    const size_t least = begin > 0 ? prefix : 0;
    size_t end = std::min(rest.size(), longest_);
    while (end > least && end < rest.size() && is_continuation(rest[end])) --end;
    int32_t found = Vocabulary::kNone;
    size_t length = 0;
    while (end > least) {
      if (const int32_t id = vocabulary().find(rest.substr(0, end)); id != Vocabulary::kNone) {
        found = id;
        length = end - least;
        if (!passes_over()) break;
      }
      do --end;
      while (end > least && is_continuation(rest[end]));
    }
    if (found == Vocabulary::kNone) return false;
    tokens.push_back({found, static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + length)});
    begin += length;
  }
  return true;
}

void WordPiece::tokenize(std::string_view piece, bool, std::vector<Token>& tokens) const {
  const size_t before = tokens.size();
  if (cut(piece, tokens, [] { return false; })) return;
  if (unk_ == Vocabulary::kNone)
    fail_input("the text holds \"{}\", which is unknown, and the unk_token \"{}\" is no token", piece.substr(0, 100),
               options_.unk_token);
  tokens.resize(before);
  tokens.push_back({unk_, 0, static_cast<uint32_t>(piece.size())});
}

// Where the tokens drawn leave a rest that no token fits, the piece is cut as usual.
void WordPiece::sample(std::string_view piece, bool as_bytes, const SubwordSampling& how, RandomStream& random,
                       std::vector<Token>& tokens) const {
  const size_t before = tokens.size();
  if (cut(piece, tokens, [&] { return random.uniform() < how.dropout; })) return;
  tokens.resize(before);
  tokenize(piece, as_bytes, tokens);
}

void WordPiece::write(JsonWriter& json) const {
  json.member("type", "WordPiece");
  json.member("unk_token", options_.unk_token);
  json.member("continuing_subword_prefix", options_.continuing_subword_prefix);
  json.member("max_input_chars_per_word", options_.max_input_chars_per_word);
  json.key("vocab");
  vocabulary().write(json);
}

ModelPtr read_word_piece(const JsonView& json) {
  WordPieceOptions options;
  options.unk_token = json.at("unk_token").text();
  options.continuing_subword_prefix = json.at("continuing_subword_prefix").text();
  options.max_input_chars_per_word = json.at("max_input_chars_per_word").integer(0, INT32_MAX);
  return std::make_shared<WordPiece>(Vocabulary::read(json.at("vocab")), std::move(options));
}

}  // namespace heddle::text
