#include "heddle/text/models/word_level.h"

#include "heddle/base/error.h"

namespace heddle::text {

WordLevel::WordLevel(Vocabulary tokens, std::string unk_token)
    : Model(std::move(tokens)), unk_token_(std::move(unk_token)), unk_(vocabulary().find(unk_token_)) {}

void WordLevel::tokenize(std::string_view piece, bool, std::vector<Token>& tokens) const {
  int32_t id = vocabulary().find(piece);
  if (id == Vocabulary::kNone) id = unk_;
  if (id == Vocabulary::kNone)
    fail_input("the text holds \"{}\", which is no token, and neither is the unk_token \"{}\"", piece.substr(0, 100),
               unk_token_);
  tokens.push_back({id, 0, static_cast<uint32_t>(piece.size())});
}

void WordLevel::write(JsonWriter& json) const {
  json.member("type", "WordLevel");
  json.key("vocab");
  vocabulary().write(json);
  json.member("unk_token", unk_token_);
}

ModelPtr read_word_level(const JsonView& json) {
  return std::make_shared<WordLevel>(Vocabulary::read(json.at("vocab")), json.at("unk_token").text());
}

}  // namespace heddle::text
