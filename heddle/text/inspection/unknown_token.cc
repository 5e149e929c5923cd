#include "heddle/text/inspection/unknown_token.h"

#include "heddle/text/json/json_view.h"
#include "heddle/text/json/json_writer.h"
#include "heddle/text/models/sentence_piece.h"

namespace heddle::text {

int32_t unknown_id(const Model& model) {
  if (const auto* pieces = dynamic_cast<const SentencePieceModel*>(&model)) return pieces->unk_id();
  // The kinds of the `tokenizers` library say it in their part of a tokenizer.json, by id or as text.
  JsonWriter json;
  json.begin_object();
  model.write(json);
  json.end_object();
  const JsonDocument document(json.take(), "the model");
  if (const auto id = document.root().find("unk_id"))
    return static_cast<int32_t>(id->integer(0, model.vocabulary().size() - 1));
  const std::string token = document.root().text_or("unk_token", "");
  return token.empty() ? Vocabulary::kNone : model.vocabulary().find(token);
}

}  // namespace heddle::text
