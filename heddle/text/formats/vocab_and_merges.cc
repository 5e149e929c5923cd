#include "heddle/text/formats/vocab_and_merges.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/decoders/bytes.h"
#include "heddle/text/formats/text_lines.h"
#include "heddle/text/models/bpe.h"
#include "heddle/text/post_processors/bert.h"
#include "heddle/text/post_processors/byte_level.h"
#include "heddle/text/pre_tokenizers/byte_level.h"

namespace heddle::text {
namespace {

// Special tokens of the models that come in this form.
constexpr std::array kSpecials = {"<|endoftext|>", "<s>", "</s>", "<pad>", "<unk>", "<mask>"};

void check_byte_level(const Vocabulary& vocabulary, const std::string& name) {
  for (int32_t id = 0; id < vocabulary.size(); ++id) {
    if (!vocabulary.has(id)) continue;
    const std::string_view token = vocabulary.token(id);
    for (size_t at = 0; at < token.size();) {
      const CodePoint point = decode(token.data() + at);
      if (byte_of_character(point.value) < 0)
        fail_input(
            "{}: the token \"{}\" is not made of byte-level characters; only byte-level BPE comes as vocab.json and "
            "merges.txt here, anything else as a tokenizer.json",
            name, token.substr(0, 100));
      at += static_cast<size_t>(point.length);
    }
  }
}

std::vector<std::pair<int32_t, int32_t>> read_merges(const Vocabulary& vocabulary, const NamedText& file) {
  std::vector<std::pair<int32_t, int32_t>> merges;
  each_line(file.text, file.name, [&](std::string_view line, size_t number) {
    if (line.empty() || (number == 1 && line.starts_with("#version"))) return;
    const size_t space = line.find(' ');
    if (space == std::string_view::npos || space == 0 || space + 1 == line.size() ||
        line.find(' ', space + 1) != std::string_view::npos)
      fail_input("{}:{}: a merge is two tokens with a space between", file.name, number);
    const std::string_view left = line.substr(0, space), right = line.substr(space + 1);
    for (const std::string& token : {std::string(left), std::string(right), std::string(left).append(right)})
      if (vocabulary.find(token) == Vocabulary::kNone)
        fail_input("{}:{}: this merge needs the token \"{}\", which the vocabulary lacks", file.name, number,
                   token.substr(0, 100));
    merges.emplace_back(vocabulary.find(left), vocabulary.find(right));
  });
  return merges;
}

}  // namespace

Tokenizer tokenizer_of_vocab_and_merges(const NamedText& vocab, const NamedText& merges_file) {
  const JsonDocument document(vocab.text, vocab.name);
  Vocabulary vocabulary = Vocabulary::read(document.root());
  check_byte_level(vocabulary, vocab.name);
  auto merges = read_merges(vocabulary, merges_file);
  TokenizerParts parts;
  for (const char* special : kSpecials)
    if (const int32_t id = vocabulary.find(special); id != Vocabulary::kNone)
      parts.added_tokens.push_back({.content = special, .id = id, .lstrip = std::string_view(special) == "<mask>"});
  const auto token = [&](const char* name) { return SpecialToken{name, vocabulary.find(name)}; };
  const bool is_roberta =
      std::ranges::all_of(std::array{"<s>", "</s>", "<mask>"}, [&](auto name) { return token(name).id >= 0; });
  if (is_roberta) parts.post_processor = std::make_shared<RobertaProcessing>(token("</s>"), token("<s>"), true, false);
  else parts.post_processor = std::make_shared<ByteLevelProcessor>(ByteLevelOptions{.trim_offsets = false});
  const ByteLevelOptions options = {.add_prefix_space = false};
  parts.pre_tokenizer = std::make_shared<ByteLevel>(options);
  parts.decoder = std::make_shared<ByteLevelDecoder>(options);
  parts.model = std::make_shared<Bpe>(std::move(vocabulary), std::move(merges));
  return Tokenizer(std::move(parts));
}

}  // namespace heddle::text
