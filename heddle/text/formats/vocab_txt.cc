#include "heddle/text/formats/vocab_txt.h"

#include <algorithm>
#include <unordered_map>

#include "heddle/base/error.h"
#include "heddle/text/decoders/word_pieces.h"
#include "heddle/text/formats/text_lines.h"
#include "heddle/text/models/word_piece.h"
#include "heddle/text/normalizers/bert.h"
#include "heddle/text/post_processors/bert.h"
#include "heddle/text/pre_tokenizers/characters.h"
#include "heddle/text/unicode/properties.h"

namespace heddle::text {
namespace {

bool has_capital(std::string_view token) {
  for (size_t at = 0; at < token.size();) {
    const CodePoint point = decode(token.data() + at);
    if (properties_of(point.value).category() == Category::Lu) return true;
    at += static_cast<size_t>(point.length);
  }
  return false;
}

bool in_brackets(std::string_view token) { return token.starts_with('[') && token.ends_with(']'); }

}  // namespace

Tokenizer tokenizer_of_vocab_txt(std::string_view text, const std::string& source_name, std::optional<bool> lowercase) {
  std::vector<std::optional<std::string>> tokens;
  std::unordered_map<std::string, size_t> ids;
  each_line(text, source_name, [&](std::string_view line, size_t) {
    const size_t id = tokens.size();
    if (line.empty()) return tokens.emplace_back(), void();
    tokens.emplace_back(line);
    if (const auto [at, is_new] = ids.emplace(line, id); !is_new) {
      tokens[at->second].reset();
      at->second = id;
    }
  });
  if (!ids.contains("[UNK]"))
    fail_input(
        "{}: none of its {} lines is \"[UNK]\", so this is no vocab.txt of BERT; known are tokenizer.json, "
        "SentencePiece's "
        ".model, vocab.json with merges.txt, and rank files of tiktoken",
        source_name, tokens.size());
  if (!lowercase)
    lowercase = std::ranges::none_of(
        tokens, [](const auto& token) { return token && !in_brackets(*token) && has_capital(*token); });
  TokenizerParts parts;
  for (const char* special : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})
    if (const auto found = ids.find(special); found != ids.end())
      parts.added_tokens.push_back({.content = special, .id = static_cast<int32_t>(found->second)});
  BertOptions options;
  options.lowercase = *lowercase;
  parts.normalizer = std::make_shared<BertNormalizer>(options);
  parts.pre_tokenizer = std::make_shared<BertPreTokenizer>();
  const auto special = [&](const char* name) { return SpecialToken{name, static_cast<int32_t>(ids.at(name))}; };
  if (ids.contains("[CLS]") && ids.contains("[SEP]"))
    parts.post_processor = std::make_shared<BertProcessing>(special("[SEP]"), special("[CLS]"));
  parts.decoder = std::make_shared<WordPieceDecoder>("##", true);
  parts.model = std::make_shared<WordPiece>(Vocabulary(tokens));
  return Tokenizer(std::move(parts));
}

}  // namespace heddle::text
