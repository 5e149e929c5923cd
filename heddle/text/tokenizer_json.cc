// Reading and writing of `tokenizer.json`; the interface is heddle/text/tokenizer.h. Each part reads and writes itself.

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/text/json/json_view.h"
#include "heddle/text/json/json_writer.h"
#include "heddle/text/tokenizer.h"

namespace heddle::text {
namespace {

template <class PartPtr>
void write_part(JsonWriter& json, const char* key, const PartPtr& part) {
  json.key(key);
  if (!part) return json.null();
  json.begin_object();
  part->write(json);
  json.end_object();
}

template <class Optional>
void write_optional(JsonWriter& json, const char* key, const Optional& value) {
  json.key(key);
  if (value) value->write(json);
  else json.null();
}

TokenizerParts read_parts(const JsonView& json) {
  if (json.text_or("version", "1.0") != "1.0") json.at("version").fail("this version is not known; known is \"1.0\"");
  TokenizerParts parts;
  parts.model = read_model(json.at("model"));
  if (const auto part = json.find("normalizer")) parts.normalizer = read_normalizer(*part);
  if (const auto part = json.find("pre_tokenizer")) parts.pre_tokenizer = read_pre_tokenizer(*part);
  if (const auto part = json.find("post_processor")) parts.post_processor = read_post_processor(*part);
  if (const auto part = json.find("decoder")) parts.decoder = read_decoder(*part);
  if (const auto list = json.find("added_tokens"))
    parts.added_tokens = AddedTokens::read(*list, parts.model->vocabulary());
  if (const auto part = json.find("truncation")) parts.truncation = Truncation::read(*part);
  if (const auto part = json.find("padding")) parts.padding = Padding::read(*part);
  return parts;
}

}  // namespace

std::string Tokenizer::to_json() const {
  JsonWriter json;
  json.begin_object();
  json.member("version", "1.0");
  write_optional(json, "truncation", parts_.truncation);
  write_optional(json, "padding", parts_.padding);
  json.key("added_tokens");
  added_.write(json);
  write_part(json, "normalizer", parts_.normalizer);
  write_part(json, "pre_tokenizer", parts_.pre_tokenizer);
  write_part(json, "post_processor", parts_.post_processor);
  write_part(json, "decoder", parts_.decoder);
  write_part(json, "model", parts_.model);
  json.end_object();
  return json.take();
}

Tokenizer Tokenizer::from_json(std::string_view text, std::string_view source_name) {
  const JsonDocument document(text, std::string(source_name));
  try {
    return Tokenizer(read_parts(document.root()));
  } catch (const InputError& error) {
    const std::string sentence = error.what();
    if (sentence.starts_with(source_name)) throw;
    fail_input("{}: {}", source_name, sentence);  // of a part that knows no files
  }
}

void Tokenizer::save(const std::filesystem::path& file) const { write_file_atomic(file, to_json()); }

}  // namespace heddle::text
