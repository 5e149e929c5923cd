// Reading and writing of `tokenizer.json`; the interface is heddle/text/tokenizer.h.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/json_text.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/tokenizer.h"

namespace heddle::text {
namespace {

using Json = nlohmann::json;
using OrderedJson =
    nlohmann::ordered_json;  // for writing; its look-up is a search, so large objects are only appended to

constexpr int64_t kLargestFile = int64_t{256} << 20;

OrderedJson byte_level_json() {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
}

// Every access names the file and the key when something is missing or of the wrong type.
struct Reader {
  std::string_view source;
  int64_t most_tokens = 0;  // as many as the file lists; no id may reach it

  [[noreturn]] void fail(std::string_view what) const {
    fail_input("{}: {}; expected a tokenizer.json with a byte-level BPE", source, what);
  }

  const Json& member(const Json& object, const char* key) const {
    if (!object.is_object() || !object.contains(key)) fail(fmt::format("the key \"{}\" is missing", key));
    return object[key];
  }
  std::string text(const Json& object, const char* key) const {
    const Json& value = member(object, key);
    if (!value.is_string()) fail(fmt::format("\"{}\" must be a string", key));
    return value.get<std::string>();
  }
  bool flag(const Json& object, const char* key, bool otherwise = false) const {
    if (!object.contains(key)) return otherwise;
    if (!object[key].is_boolean()) fail(fmt::format("\"{}\" must be true or false", key));
    return object[key].get<bool>();
  }
  int32_t id(const Json& value) const {
    if (!value.is_number_unsigned() || value.get<uint64_t>() >= static_cast<uint64_t>(most_tokens))
      fail(fmt::format("a token id must be a whole number below {}, the number of tokens", most_tokens));
    return static_cast<int32_t>(value.get<uint64_t>());
  }
  // What would change ids or text, and is not done here, must be off: absent, null, false, 0 or "".
  void expect_off(const Json& object, std::initializer_list<const char*> keys) const {
    for (const char* key : keys) {
      const auto found = object.find(key);
      if (found == object.end() || found->is_null() || *found == false || *found == 0 || *found == "") continue;
      fail(fmt::format("\"{}\" is set, which is not supported yet", key));
    }
  }
  // The type of a part of the pipeline; empty: null or absent.
  std::string part_type(const Json& json, const char* part) const {
    return !json.contains(part) || json[part].is_null() ? "" : text(json[part], "type");
  }
};

void place_token(const Reader& reader, std::vector<std::string>& tokens, const std::string& token, int32_t id) {
  if (token.empty()) reader.fail("a token is empty");
  std::string& place = tokens[static_cast<size_t>(id)];
  if (!place.empty() && place != token)
    reader.fail(fmt::format("the tokens \"{}\" and \"{}\" share the id {}", place, token, id));
  place = token;
}

// A merge is "a b" or ["a", "b"].
std::pair<std::string, std::string> merge_of(const Reader& reader, const Json& merge) {
  const bool is_pair = merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string();
  if (!is_pair && !merge.is_string()) reader.fail("a merge must be \"a b\" or [\"a\", \"b\"]");
  const auto text =
      is_pair ? merge[0].get<std::string>() + " " + merge[1].get<std::string>() : merge.get<std::string>();
  const size_t space = text.find(' ');
  if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos)
    reader.fail(fmt::format("the merge \"{}\" must have one space, since byte-level tokens have none", text));
  return {text.substr(0, space), text.substr(space + 1)};
}

// The special tokens before and after the sequence in a TemplateProcessing.
void read_template(const Reader& reader, const Json& processor, const std::unordered_map<std::string, int32_t>& ids,
                   std::vector<int32_t>& before, std::vector<int32_t>& after) {
  const Json& single = reader.member(processor, "single");
  if (!single.is_array()) reader.fail("\"single\" of the post-processor must be a list");
  bool seen_sequence = false;
  for (const Json& part : single) {
    if (part.contains("Sequence")) {
      if (std::exchange(seen_sequence, true)) reader.fail("the post-processor repeats the sequence");
      continue;
    }
    const auto name = reader.text(reader.member(part, "SpecialToken"), "id");
    const auto found = ids.find(name);
    if (found == ids.end()) reader.fail(fmt::format("the post-processor names an unknown token \"{}\"", name));
    (seen_sequence ? after : before).push_back(found->second);
  }
  if (!seen_sequence) reader.fail("the post-processor leaves the sequence out");
}

// The vocabulary and the added tokens, each at its id.
std::vector<std::string> read_tokens(Reader& reader, const Json& vocab, const Json& added,
                                     std::vector<AddedToken>& added_tokens) {
  if (!vocab.is_object()) reader.fail("\"vocab\" must map tokens to ids");
  if (!added.is_array()) reader.fail("\"added_tokens\" must be a list");
  reader.most_tokens = static_cast<int64_t>(vocab.size() + added.size());
  std::vector<std::string> tokens(vocab.size() + added.size());
  for (const auto& [token, id] : vocab.items()) place_token(reader, tokens, token, reader.id(id));
  for (const Json& entry : added) {
    const AddedToken token = {reader.text(entry, "content"), reader.id(reader.member(entry, "id")),
                              reader.flag(entry, "special")};
    if (token.content.size() > AddedTokens::kLongest)
      reader.fail(fmt::format("an added token is longer than {} bytes", AddedTokens::kLongest));
    reader.expect_off(entry, {"single_word", "lstrip", "rstrip"});
    place_token(reader, tokens, token.content, token.id);
    added_tokens.push_back(token);
  }
  while (!tokens.empty() && tokens.back().empty()) tokens.pop_back();
  return tokens;
}

// Where each token stands; every id from 0 on must have one token, and every token one id.
std::unordered_map<std::string, int32_t> index_by_token(const Reader& reader, const std::vector<std::string>& tokens) {
  std::unordered_map<std::string, int32_t> ids;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].empty()) reader.fail(fmt::format("no token has the id {}", i));
    const auto [found, added] = ids.emplace(tokens[i], static_cast<int32_t>(i));
    if (!added) reader.fail(fmt::format("the token \"{}\" has the ids {} and {}", tokens[i], found->second, i));
  }
  return ids;
}

bool covers_all_bytes(const std::unordered_map<std::string, int32_t>& ids) {
  for (int byte = 0; byte < 256; ++byte)
    if (!ids.contains(bytes_to_characters(std::string(1, static_cast<char>(byte))))) return false;
  return true;
}

}  // namespace

std::string Tokenizer::to_json() const {
  OrderedJson json = {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}};
  OrderedJson& added = json["added_tokens"] = OrderedJson::array();
  std::vector<AddedToken> by_id = added_.all();
  std::ranges::sort(by_id, {}, &AddedToken::id);
  for (const AddedToken& token : by_id)
    added.push_back({{"id", token.id},
                     {"content", token.content},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", token.special}});
  json["normalizer"] = nullptr;
  json["pre_tokenizer"] = byte_level_json();
  json["pre_tokenizer"]["add_prefix_space"] = add_prefix_space_;
  const OrderedJson sequence = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  const OrderedJson second = {{"Sequence", {{"id", "B"}, {"type_id", 0}}}};
  OrderedJson single = OrderedJson::array(), pair = OrderedJson::array(), names = OrderedJson::object();
  const auto put = [&](OrderedJson& parts, const std::vector<int32_t>& ids) {
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
  json["post_processor"] = {
      {"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", names}};
  json["decoder"] = byte_level_json();
  OrderedJson vocab = OrderedJson::object();
  for (size_t i = 0; i < tokens_.size(); ++i) vocab.get_ref<OrderedJson::object_t&>().emplace_back(tokens_[i], i);
  OrderedJson merges = OrderedJson::array();
  for (const auto& [left, right] : merges_) merges.push_back(token_of(left) + " " + token_of(right));
  json["model"] = {{"type", "BPE"},
                   {"dropout", nullptr},
                   {"unk_token", nullptr},
                   {"continuing_subword_prefix", nullptr},
                   {"end_of_word_suffix", nullptr},
                   {"fuse_unk", false},
                   {"byte_fallback", false},
                   {"ignore_merges", false},
                   {"vocab", std::move(vocab)},
                   {"merges", std::move(merges)}};
  return json.dump(1) + "\n";
}

Tokenizer Tokenizer::from_json(std::string_view text, std::string_view source_name) {
  Reader reader{source_name};
  if (const std::string problem = json_problem(text); !problem.empty()) reader.fail("the file " + problem);
  const Json json = Json::parse(text, nullptr, false);
  reader.expect_off(json, {"normalizer"});
  const Json& model = reader.member(json, "model");
  if (!model.is_object()) reader.fail("\"model\" must be an object");
  if (model.contains("type") && reader.text(model, "type") != "BPE")
    reader.fail(fmt::format("the model is a {}", reader.text(model, "type")));
  reader.expect_off(model,
                    {"dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "ignore_merges"});
  if (reader.part_type(json, "pre_tokenizer") != "ByteLevel") reader.fail("the pre-tokenizer is not ByteLevel");
  const Json& pre = json["pre_tokenizer"];
  if (!reader.flag(pre, "use_regex", true)) reader.fail("\"use_regex\" is off, which is not supported yet");
  if (const std::string type = reader.part_type(json, "decoder"); !type.empty() && type != "ByteLevel")
    reader.fail(fmt::format("the decoder \"{}\" is not supported yet", type));

  Tokenizer tokenizer;
  tokenizer.add_prefix_space_ = reader.flag(pre, "add_prefix_space");
  std::vector<AddedToken> added;
  tokenizer.tokens_ =
      read_tokens(reader, reader.member(model, "vocab"), json.value("added_tokens", Json::array()), added);
  const auto ids = index_by_token(reader, tokenizer.tokens_);
  if (!covers_all_bytes(ids)) reader.expect_off(model, {"unk_token"});  // else there is nothing unknown
  const Json& merges = reader.member(model, "merges");
  if (!merges.is_array()) reader.fail("\"merges\" must be a list");
  for (const Json& merge : merges) {
    const auto [left, right] = merge_of(reader, merge);
    for (const std::string& name : {left, right, left + right})
      if (!ids.contains(name))
        reader.fail(fmt::format("a merge needs the token \"{}\", which the vocabulary lacks", name));
    tokenizer.merges_.push_back({ids.at(left), ids.at(right)});
  }
  const std::string processor = reader.part_type(json, "post_processor");
  if (processor == "TemplateProcessing")
    read_template(reader, json["post_processor"], ids, tokenizer.before_, tokenizer.after_);
  else if (!processor.empty() && processor != "ByteLevel")
    reader.fail(fmt::format("the post-processor \"{}\" is not supported yet", processor));
  tokenizer.index_tokens(std::move(added));
  return tokenizer;
}

Tokenizer Tokenizer::load(const std::filesystem::path& file) {
  return from_json(read_file(file, kLargestFile), file.string());
}

void Tokenizer::save(const std::filesystem::path& file) const { write_file_atomic(file, to_json()); }

}  // namespace heddle::text
