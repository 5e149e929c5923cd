#pragma once
// A piece is a token, or unknown.

#include <string>

#include "heddle/text/models/model.h"

namespace heddle::text {

class WordLevel : public Model {
 public:
  WordLevel(Vocabulary vocabulary, std::string unk_token);
  void tokenize(std::string_view piece, bool as_bytes, std::vector<Token>& tokens) const override;
  void write(JsonWriter& json) const override;

  const std::string& unk_token() const { return unk_token_; }

 private:
  std::string unk_token_;
  int32_t unk_;
};

ModelPtr read_word_level(const JsonView& json);

}  // namespace heddle::text
