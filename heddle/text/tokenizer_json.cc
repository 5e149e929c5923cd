// Reading and writing of `tokenizer.json`; the interface is heddle/text/tokenizer.h.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/text/tokenizer.h"

namespace heddle::text {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kLargestFile = int64_t{256} << 20;
constexpr int64_t kMostTokens = 4'000'000;

Json byte_level_json() {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
}

// Every access names the file and the key when something is missing or of the wrong type.
struct Reader {
  std::string_view source;

  [[noreturn]] void fail(std::string_view what) const { fail_input("{}: {}; expected a tokenizer.json with a byte-level BPE", source, what); }

  const Json& member(const Json& object, const char* key) const {
    if (!object.is_object() || !object.contains(key)) fail(fmt::format("the key \"{}\" is missing", key));
    return object[key];
  }
  std::string text(const Json& object, const char* key) const {
    const Json& value = member(object, key);
    if (!value.is_string()) fail(fmt::format("\"{}\" must be a string", key));
    return value.get<std::string>();
  }
  bool flag(const Json& object, const char* key) const {
    return object.contains(key) && object[key].is_boolean() && object[key].get<bool>();
  }
  int32_t id(const Json& value) const {
    if (!value.is_number_integer() || value.get<int64_t>() < 0 || value.get<int64_t>() >= kMostTokens)
      fail(fmt::format("a token id must be a number below {}", kMostTokens));
    return static_cast<int32_t>(value.get<int64_t>());
  }
};

void place_token(const Reader& reader, std::vector<std::string>& tokens, const std::string& token, int32_t id) {
  if (static_cast<size_t>(id) >= tokens.size()) tokens.resize(static_cast<size_t>(id) + 1);
  std::string& place = tokens[static_cast<size_t>(id)];
  if (!place.empty() && place != token)
    reader.fail(fmt::format("the tokens \"{}\" and \"{}\" share the id {}", place, token, id));
  place = token;
}

// A merge is "a b" or ["a", "b"].
std::pair<std::string, std::string> merge_of(const Reader& reader, const Json& merge) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  if (!merge.is_string()) reader.fail("a merge must be \"a b\" or [\"a\", \"b\"]");
  const auto text = merge.get<std::string>();
  const size_t space = text.find(' ');
  if (space == std::string::npos) reader.fail(fmt::format("the merge \"{}\" has no space", text));
  return {text.substr(0, space), text.substr(space + 1)};
}

// The special tokens before and after the sequence in a TemplateProcessing.
void read_template(const Reader& reader, const Json& processor, const std::unordered_map<std::string, int32_t>& ids,
                   std::vector<int32_t>& before, std::vector<int32_t>& after) {
  bool seen_sequence = false;
  for (const Json& part : reader.member(processor, "single")) {
    if (part.contains("Sequence")) {
      seen_sequence = true;
      continue;
    }
    const auto name = reader.text(reader.member(part, "SpecialToken"), "id");
    const auto found = ids.find(name);
    if (found == ids.end()) reader.fail(fmt::format("the post-processor names an unknown token \"{}\"", name));
    (seen_sequence ? after : before).push_back(found->second);
  }
}

}  // namespace

std::string Tokenizer::to_json() const {
  Json json = {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}};
  Json& added = json["added_tokens"] = Json::array();
  std::vector<SpecialToken> by_id = special_;
  std::ranges::sort(by_id, {}, &SpecialToken::id);
  for (const SpecialToken& token : by_id)
    added.push_back({{"id", token.id}, {"content", token.content}, {"single_word", false}, {"lstrip", false},
                     {"rstrip", false}, {"normalized", false}, {"special", token.special}});
  json["normalizer"] = nullptr;
  json["pre_tokenizer"] = byte_level_json();
  json["pre_tokenizer"]["add_prefix_space"] = add_prefix_space_;
  const Json sequence = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  const Json second = {{"Sequence", {{"id", "B"}, {"type_id", 0}}}};
  Json single = Json::array(), pair = Json::array(), names = Json::object();
  const auto put = [&](Json& parts, const std::vector<int32_t>& ids) {
    for (int32_t id : ids) {
      const std::string& name = token_of(id);
      parts.push_back({{"SpecialToken", {{"id", name}, {"type_id", 0}}}});
      names[name] = {{"id", name}, {"ids", {id}}, {"tokens", {name}}};
    }
  };
  put(single, before_);
  single.push_back(sequence);
  put(single, after_);
  put(pair, before_);
  pair.push_back(sequence);
  put(pair, after_);
  pair.push_back(second);
  put(pair, after_);
  json["post_processor"] = {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", names}};
  json["decoder"] = byte_level_json();
  Json vocab = Json::object();
  for (size_t i = 0; i < tokens_.size(); ++i) vocab[tokens_[i]] = i;
  Json merges = Json::array();
  for (const auto& [left, right] : merges_) merges.push_back(token_of(left) + " " + token_of(right));
  json["model"] = {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", nullptr}, {"continuing_subword_prefix", nullptr},
                   {"end_of_word_suffix", nullptr}, {"fuse_unk", false}, {"byte_fallback", false}, {"ignore_merges", false},
                   {"vocab", std::move(vocab)}, {"merges", std::move(merges)}};
  return json.dump(1) + "\n";
}

Tokenizer Tokenizer::from_json(std::string_view text, std::string_view source_name) {
  const Reader reader{source_name};
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) reader.fail("this is not valid JSON");
  if (json.contains("normalizer") && !json["normalizer"].is_null()) reader.fail("normalizers are not supported yet");
  const Json& model = reader.member(json, "model");
  if (model.contains("type") && model["type"] != "BPE") reader.fail(fmt::format("the model is a {}", model["type"].dump()));
  const Json& pre = reader.member(json, "pre_tokenizer");
  if (!pre.is_object() || pre.value("type", "") != "ByteLevel") reader.fail("the pre-tokenizer is not ByteLevel");

  Tokenizer tokenizer;
  tokenizer.add_prefix_space_ = reader.flag(pre, "add_prefix_space");
  const Json& vocab = reader.member(model, "vocab");
  if (!vocab.is_object()) reader.fail("\"vocab\" must map tokens to ids");
  for (const auto& [token, id] : vocab.items()) place_token(reader, tokenizer.tokens_, token, reader.id(id));
  if (json.contains("added_tokens"))
    for (const Json& added : json["added_tokens"]) {
      const SpecialToken token = {reader.text(added, "content"), reader.id(reader.member(added, "id")), reader.flag(added, "special")};
      if (token.content.empty()) reader.fail("an added token is empty");
      place_token(reader, tokenizer.tokens_, token.content, token.id);
      tokenizer.special_.push_back(token);
    }
  for (size_t i = 0; i < tokenizer.tokens_.size(); ++i)
    if (tokenizer.tokens_[i].empty()) reader.fail(fmt::format("no token has the id {}", i));
  std::unordered_map<std::string, int32_t> ids;
  for (size_t i = 0; i < tokenizer.tokens_.size(); ++i) ids.emplace(tokenizer.tokens_[i], static_cast<int32_t>(i));
  const Json& merges = reader.member(model, "merges");
  if (!merges.is_array()) reader.fail("\"merges\" must be a list");
  for (const Json& merge : merges) {
    const auto [left, right] = merge_of(reader, merge);
    for (const std::string& name : {left, right, left + right})
      if (!ids.contains(name)) reader.fail(fmt::format("a merge needs the token \"{}\", which the vocabulary lacks", name));
    tokenizer.merges_.push_back({ids[left], ids[right]});
  }
  if (json.contains("post_processor") && json["post_processor"].is_object()) {
    const Json& processor = json["post_processor"];
    const std::string type = processor.value("type", "");
    if (type == "TemplateProcessing") read_template(reader, processor, ids, tokenizer.before_, tokenizer.after_);
    else if (type != "ByteLevel") reader.fail(fmt::format("the post-processor \"{}\" is not supported yet", type));
  }
  tokenizer.index_tokens();
  return tokenizer;
}

Tokenizer Tokenizer::load(const std::filesystem::path& file) {
  return from_json(read_file(file, kLargestFile), file.string());
}

void Tokenizer::save(const std::filesystem::path& file) const { write_file_atomic(file, to_json()); }

}  // namespace heddle::text
