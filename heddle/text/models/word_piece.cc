#include "heddle/text/models/word_piece.h"

#include "heddle/base/error.h"

namespace heddle::text {

WordPiece::WordPiece(Vocabulary tokens, WordPieceOptions options)
    : RememberingModel(std::move(tokens)), options_(std::move(options)), unk_(vocabulary().find(options_.unk_token)) {
  std::vector<std::pair<std::string_view, int32_t>> first, rest;
  for (int32_t id = 0; id < vocabulary().size(); ++id) {
    if (!vocabulary().has(id)) continue;
    const std::string_view token = vocabulary().token(id), prefix = options_.continuing_subword_prefix;
    first.emplace_back(token, id);
    if (token.starts_with(prefix)) rest.emplace_back(token.substr(prefix.size()), id);
  }
  first_ = ByteTrie(std::move(first));
  rest_ = ByteTrie(std::move(rest));
}

// Whether the piece can be put together. Of what fits at a place the shortest is never passed over.
template <class PassesOver>
bool WordPiece::cut(std::string_view piece, std::vector<Token>& tokens, PassesOver passes_over) const {
  if (piece.size() > static_cast<size_t>(options_.max_input_chars_per_word) &&
      count_code_points(piece) > static_cast<size_t>(options_.max_input_chars_per_word))
    return false;
  thread_local std::vector<ByteTrie::Found> fitting;  // at a place, the longest last
  for (size_t begin = 0; begin < piece.size();) {
    fitting.clear();
    (begin == 0 ? first_ : rest_).each_prefix(piece.substr(begin), [](size_t length, int32_t id) {
      fitting.push_back({length, id});
    });
    if (fitting.empty()) return false;
    while (fitting.size() > 1 && passes_over()) fitting.pop_back();
    const auto [length, id] = fitting.back();
    tokens.push_back({id, static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + length)});
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
