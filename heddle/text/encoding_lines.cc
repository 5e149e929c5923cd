#include "heddle/text/encoding_lines.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

using Json = nlohmann::ordered_json;

// What escaped_token() writes for a character behind a backslash.
constexpr std::pair<char, char> kEscapes[] = {{'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}, {' ', 's'}};

void append_number(std::string& out, int64_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_ids(std::span<const int32_t> ids, std::string& out) {
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out += ' ';
    append_number(out, ids[i]);
  }
}

void append_tokens(const Encoding& encoding, const EncodeOptions& options, std::string& out) {
  for (size_t i = 0; i < encoding.size(); ++i) {
    if (i > 0) out += ' ';
    if (options.form == TokenForm::tokens) {
      out += escaped_token(encoding.tokens[i]);
      continue;
    }
    append_number(out, encoding.ids[i]);
    for (const int64_t place : {encoding.offsets[i].begin, encoding.offsets[i].end}) append_number(out += ':', place);
    if (!options.pair) continue;
    if (encoding.sequences[i] == Encoding::kNone) out += ":-";
    else append_number(out += ':', encoding.sequences[i]);
  }
}

Json json_of(const Encoding& encoding) {
  const auto numbers_or_null = [](std::span<const int32_t> values) {
    Json list = Json::array();
    for (const int32_t value : values) list.push_back(value == Encoding::kNone ? Json() : Json(value));
    return list;
  };
  Json json = {{"ids", encoding.ids}, {"tokens", encoding.tokens}};
  json["offsets"] = Json::array();
  for (const Offsets& place : encoding.offsets) json["offsets"].push_back({place.begin, place.end});
  json["type_ids"] = encoding.type_ids;
  json["words"] = numbers_or_null(encoding.words);
  json["sequences"] = numbers_or_null(encoding.sequences);
  json["special_mask"] = encoding.special_mask;
  json["attention_mask"] = encoding.attention_mask;
  for (const Encoding& part : encoding.overflowing) json["overflowing"].push_back(json_of(part));
  return json;
}

Encoding encoding_of(const Tokenizer& tokenizer, std::string_view line, const EncodeOptions& options) {
  if (!options.pair) return tokenizer.encode_full(line, options.add_special_tokens, options.unit);
  const size_t tab = line.find('\t');
  if (tab == std::string_view::npos) fail_input("there is no tab; expected two texts with a tab between");
  return tokenizer.encode_pair(line.substr(0, tab), line.substr(tab + 1), options.add_special_tokens, options.unit);
}

int32_t id_of(const Tokenizer& tokenizer, std::string_view word, bool is_token) {
  if (is_token) {
    const auto id = tokenizer.id_of(unescaped_token(word));
    if (!id) fail_input("the vocabulary has no token \"{}\"", word);
    return *id;
  }
  int32_t id = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc() || end != word.data() + word.size())
    fail_input("\"{}\" is no token id; expected numbers with spaces between", word);
  return id;
}

}  // namespace

std::string escaped_token(std::string_view token) {
  std::string out;
  for (const char c : token) {
    const auto* const found = std::ranges::find(kEscapes, c, &std::pair<char, char>::first);
    if (found != std::end(kEscapes)) (out += '\\') += found->second;
    else out += c;
  }
  return out;
}

std::string unescaped_token(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    const auto* const found = text[at] == '\\' && at + 1 < text.size()
                                  ? std::ranges::find(kEscapes, text[at + 1], &std::pair<char, char>::second)
                                  : std::end(kEscapes);
    if (found != std::end(kEscapes)) {
      out += found->first;
      ++at;
    } else {
      out += text[at];
    }
  }
  return out;
}

void append_encoded(const Tokenizer& tokenizer, std::string_view line, const EncodeOptions& options, std::string& out) {
  if (options.form == TokenForm::ids && !options.pair)
    return append_ids(tokenizer.encode(line, options.add_special_tokens), out);
  if (line.size() > kLongestInFull)
    fail_input("the line has {} bytes; {} bytes are the most for anything but the ids of single texts", line.size(),
               kLongestInFull);
  const Encoding encoding = encoding_of(tokenizer, line, options);
  if (options.form == TokenForm::ids) append_ids(encoding.ids, out);
  else if (options.form != TokenForm::json) append_tokens(encoding, options, out);
  else out += json_of(encoding).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_decoded(const Tokenizer& tokenizer, std::string_view line, const DecodeOptions& options, std::string& out) {
  std::vector<int32_t> ids;
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) ids.push_back(id_of(tokenizer, line.substr(at, end - at), options.from_tokens));
    at = end + 1;
  }
  const std::string text = tokenizer.decode(ids, !options.keep_special_tokens);
  out += options.as_json ? Json(text).dump(-1, ' ', false, Json::error_handler_t::replace) : text;
}

}  // namespace heddle::text
