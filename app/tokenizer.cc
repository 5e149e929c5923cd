#include <fmt/format.h>

#include <charconv>
#include <iostream>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/data/line_reader.h"
#include "heddle/text/tokenizer.h"
#include "heddle/text/utf8.h"

namespace heddle::app {
namespace {

struct Flags {
  std::string type = "bpe", out, tokenizer;
  std::vector<std::string> files;
  int64_t vocab_size = 8000, min_frequency = 2;
  bool ids = false, tokens = false;
};

int train(const Flags& flags) {
  text::BpeTrainer trainer;
  for (const std::string& file : flags.files) {
    data::LineReader reader(file);
    for (std::string line; reader.next(line);) trainer.add_line(text::repair_utf8(line));
  }
  const auto special = text::default_special_tokens();
  const auto learned =
      trainer.train({.vocab_size = flags.vocab_size, .min_frequency = flags.min_frequency, .special_tokens = special});
  text::Tokenizer::from_vocabulary(learned, special.size()).save(flags.out);
  log_info("wrote {} tokens and {} merges to {}", learned.tokens.size(), learned.merges.size(), flags.out);
  return 0;
}

int encode(const Flags& flags) {
  const text::Tokenizer tokenizer = text::Tokenizer::load(flags.tokenizer);
  for (std::string line; std::getline(std::cin, line);) {
    const char* space = "";
    for (int32_t id : tokenizer.encode(line)) {
      if (flags.tokens) fmt::print("{}{}", space, tokenizer.token_of(id));
      else fmt::print("{}{}", space, id);
      space = " ";
    }
    fmt::print("\n");
  }
  return 0;
}

int32_t id_of(const text::Tokenizer& tokenizer, std::string_view word, bool is_token, int64_t line) {
  if (is_token) {
    const auto id = tokenizer.id_of(word);
    if (!id) fail_input("line {}: the vocabulary has no token \"{}\"", line, word);
    return *id;
  }
  int32_t id = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc() || end != word.data() + word.size())
    fail_input("line {}: \"{}\" is no token id; expected numbers with spaces between", line, word);
  return id;
}

int decode(const Flags& flags) {
  const text::Tokenizer tokenizer = text::Tokenizer::load(flags.tokenizer);
  int64_t number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    ++number;
    std::vector<int32_t> ids;
    for (size_t at = 0; at < line.size();) {
      const size_t end = std::min(line.find(' ', at), line.size());
      if (end > at) ids.push_back(id_of(tokenizer, std::string_view(line).substr(at, end - at), flags.tokens, number));
      at = end + 1;
    }
    fmt::print("{}\n", tokenizer.decode(ids));
  }
  return 0;
}

}  // namespace

void add_tokenizer_command(Command app) {
  auto flags = std::make_shared<Flags>();
  Command command = app.group("tokenizer", "Train a tokenizer, or use one.");
  Command learn = command.command("train", "Train on text files (plain, gzip, zstd).");
  learn.option("--type", flags->type, "Kind of tokenizer: bpe").one_of({"bpe"});
  learn.option("--vocab-size", flags->vocab_size, "Tokens, special ones and bytes included").between(1, 4000000);
  learn.option("--min-frequency", flags->min_frequency, "A pair must be seen this often").between(1, 1000000);
  learn.option("--out", flags->out, "tokenizer.json to write").required();
  learn.option("files", flags->files, "Text files").required();
  learn.example("heddle tokenizer train --type bpe --vocab-size 8000 --out tokenizer.json train.en train.de");
  learn.run([flags] { return train(*flags); });
  for (const bool encodes : {true, false}) {
    Command use =
        command.command(encodes ? "encode" : "decode", encodes ? "Lines of text to ids." : "Lines of ids to text.");
    use.option("--tokenizer", flags->tokenizer, "tokenizer.json").required();
    use.flag("--ids", flags->ids, "Numbers (the default)");
    use.flag("--tokens", flags->tokens, "Tokens instead of numbers").excludes("--ids");
    use.example(encodes ? "echo 'A dog.' | heddle tokenizer encode --tokenizer tokenizer.json"
                        : "echo '40 312 2' | heddle tokenizer decode --tokenizer tokenizer.json");
    use.run([flags, encodes] { return encodes ? encode(*flags) : decode(*flags); });
  }
}

}  // namespace heddle::app
