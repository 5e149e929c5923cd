#include "heddle/text/formats/tiktoken.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <unordered_map>

#include "heddle/base/error.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/decoders/bytes.h"
#include "heddle/text/formats/text_lines.h"
#include "heddle/text/json/base64.h"
#include "heddle/text/models/bpe.h"
#include "heddle/text/pre_tokenizers/byte_level.h"
#include "heddle/text/pre_tokenizers/sequence.h"
#include "heddle/text/pre_tokenizers/split.h"

namespace heddle::text {
namespace {

constexpr size_t kLongest = 1024;  // bytes of a token

struct Line {
  std::string token;  // its bytes
  int32_t rank = 0;
};

Line read_line(std::string_view line) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) fail_input("expected a token in base 64, a space, and its rank");
  Line read = {from_base64(line.substr(0, space))};
  const std::string_view rank = line.substr(space + 1);
  const auto [end, error] = std::from_chars(rank.data(), rank.data() + rank.size(), read.rank);
  if (error != std::errc() || end != rank.data() + rank.size() || read.rank < 0)
    fail_input("\"{}\" is no rank", rank.substr(0, 100));
  if (read.token.empty()) fail_input("the token is empty");
  if (read.token.size() > kLongest) fail_input("the token has {} bytes; the most is {}", read.token.size(), kLongest);
  return read;
}

// Tokens by rank, written in byte-level characters.
std::vector<std::optional<std::string>> read_ranks(std::string_view text, const std::string& name) {
  std::vector<Line> lines;
  std::unordered_map<std::string, size_t> line_of;
  each_line(text, name, [&](std::string_view line, size_t number) {
    if (line.empty()) return;
    try {
      lines.push_back(read_line(line));
    } catch (const InputError& error) {
      fail_input("{}:{}: {}", name, number, error.what());
    }
    if (const auto [at, is_new] = line_of.emplace(lines.back().token, number); !is_new)
      fail_input("{}:{}: this token stands in line {} already", name, number, at->second);
  });
  const auto most = static_cast<int32_t>(2 * lines.size() + 1024);
  std::vector<std::optional<std::string>> tokens;
  for (const Line& line : lines) {
    if (line.rank > most)
      fail_input("{}:{}: the rank {} is far above the number of tokens, {}", name, line_of.at(line.token), line.rank,
                 lines.size());
    const auto id = static_cast<size_t>(line.rank);
    if (id >= tokens.size()) tokens.resize(id + 1);
    if (tokens[id])
      fail_input("{}:{}: the rank {} stands in line {} already", name, line_of.at(line.token), line.rank,
                 line_of.at(characters_to_bytes(*tokens[id])));
    tokens[id] = bytes_to_characters(line.token);
  }
  for (int byte = 0; byte < 256; ++byte)
    if (!line_of.contains(std::string(1, static_cast<char>(byte))))
      fail_input("{}: the byte {} is no token, so there are texts without tokens", name, byte);
  return tokens;
}

// All ways to make a token of two, in the order of the tokens' ranks.
std::vector<std::pair<int32_t, int32_t>> merges_of(const Vocabulary& vocabulary) {
  std::vector<std::pair<int32_t, int32_t>> merges;
  for (int32_t id = 0; id < vocabulary.size(); ++id) {
    if (!vocabulary.has(id)) continue;
    const std::string_view token = vocabulary.token(id);
    for (size_t at = static_cast<size_t>(decode(token.data()).length); at < token.size();
         at += static_cast<size_t>(decode(token.data() + at).length)) {
      const int32_t left = vocabulary.find(token.substr(0, at));
      if (left == Vocabulary::kNone) continue;
      const int32_t right = vocabulary.find(token.substr(at));
      if (right != Vocabulary::kNone) merges.emplace_back(left, right);
    }
  }
  return merges;
}

std::vector<std::pair<const char*, int32_t>> harmony_tokens() {
  return {{"<|startoftext|>", 199998}, {"<|endoftext|>", 199999},  {"<|return|>", 200002}, {"<|constrain|>", 200003},
          {"<|channel|>", 200005},     {"<|start|>", 200006},      {"<|end|>", 200007},    {"<|message|>", 200008},
          {"<|call|>", 200012},        {"<|endofprompt|>", 200018}};
}

const KnownPattern& pattern_of(const TiktokenEncoding& encoding) {
  return *std::ranges::find(known_patterns(), std::string_view(encoding.known_pattern), &KnownPattern::name);
}

}  // namespace

const std::vector<TiktokenEncoding>& tiktoken_encodings() {
  static const std::vector<std::pair<const char*, int32_t>> end_of_text = {{"<|endoftext|>", 50256}};
  static const std::vector<TiktokenEncoding> encodings = {
      {"gpt2", "gpt2", 50256, end_of_text},
      {"r50k_base", "gpt2", 50256, end_of_text},
      {"p50k_base", "gpt2", 50280, end_of_text},
      {"p50k_edit",
       "gpt2",
       50280,
       {{"<|endoftext|>", 50256}, {"<|fim_prefix|>", 50281}, {"<|fim_middle|>", 50282}, {"<|fim_suffix|>", 50283}}},
      {"cl100k_base",
       "cl100k",
       100256,
       {{"<|endoftext|>", 100257},
        {"<|fim_prefix|>", 100258},
        {"<|fim_middle|>", 100259},
        {"<|fim_suffix|>", 100260},
        {"<|endofprompt|>", 100276}}},
      {"o200k_base", "o200k", 199998, {{"<|endoftext|>", 199999}, {"<|endofprompt|>", 200018}}},
      {"o200k_harmony", "o200k", 199998, harmony_tokens()},
      {"llama3", "llama3", 128000, {{"<|begin_of_text|>", 128000}, {"<|end_of_text|>", 128001}}},
      {"qwen", "qwen", 151643, {{"<|endoftext|>", 151643}, {"<|im_start|>", 151644}, {"<|im_end|>", 151645}}},
  };
  return encodings;
}

bool looks_like_tiktoken(std::string_view text) {
  std::string_view line = text.substr(0, std::min(text.find('\n'), text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  try {
    read_line(line);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

Tokenizer tokenizer_of_tiktoken(std::string_view text, const std::string& source_name, const std::string& name,
                                const std::vector<std::string>& special_tokens) {
  const auto encoding = std::ranges::find(tiktoken_encodings(), name, &TiktokenEncoding::name);
  if (encoding == tiktoken_encodings().end()) {
    std::string known;
    for (const TiktokenEncoding& one : tiktoken_encodings())
      known += fmt::format("{}{}", known.empty() ? "" : ", ", one.name);
    fail_input(
        "{}: a rank file does not say by which pattern text is cut, and \"{}\" is no known name; convert it with "
        "`heddle tokenizer convert --encoding NAME`, where NAME is one of {}",
        source_name, name, known);
  }
  auto tokens = read_ranks(text, source_name);
  auto merges = merges_of(Vocabulary(tokens));
  // Special tokens stand in the model's vocabulary, so that a file with ids left free between is read back.
  TokenizerParts parts;
  const auto add = [&](const std::string& content, size_t id) {
    if (content.empty()) fail_input("{}: a special token is empty", source_name);
    if (std::ranges::find(tokens, content) != tokens.end())
      fail_input("{}: the special token \"{}\" is a token already", source_name, content);
    if (id >= tokens.size()) tokens.resize(id + 1);
    if (tokens[id]) fail_input("{}: the special token \"{}\" has the id of another, {}", source_name, content, id);
    tokens[id] = content;
    parts.added_tokens.push_back({.content = content, .id = static_cast<int32_t>(id), .in_text = false});
  };
  if (std::ranges::count_if(tokens, [](const auto& token) { return token.has_value(); }) == encoding->ranks)
    for (const auto& [content, id] : encoding->special_tokens) add(content, static_cast<size_t>(id));
  for (const std::string& content : special_tokens) add(content, tokens.size());
  const ByteLevelOptions bytes = {.add_prefix_space = false, .trim_offsets = false, .use_regex = false};
  parts.pre_tokenizer = std::make_shared<PreTokenizerSequence>(std::vector<PreTokenizerPtr>{
      std::make_shared<Split>(Pattern::regex(pattern_of(*encoding).pattern), SplitBehavior::isolated, false),
      std::make_shared<ByteLevel>(bytes)});
  parts.decoder = std::make_shared<ByteLevelDecoder>(bytes);
  BpeOptions options;
  options.ignore_merges = options.rank_by_token = true;
  parts.model = std::make_shared<Bpe>(Vocabulary(tokens), std::move(merges), std::move(options));
  return Tokenizer(std::move(parts));
}

}  // namespace heddle::text
