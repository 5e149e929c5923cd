#include <fmt/format.h>

#include <charconv>
#include <iostream>

#include "app/tokenizer.h"
#include "heddle/base/error.h"
#include "heddle/text/tokenizer.h"

namespace heddle::app {
namespace {

struct Flags {
  std::string tokenizer;
  bool ids = false, tokens = false;
};

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

void add_tokenizer_encode_commands(Command tokenizer) {
  auto flags = std::make_shared<Flags>();
  for (const bool encodes : {true, false}) {
    Command use =
        tokenizer.command(encodes ? "encode" : "decode", encodes ? "Lines of text to ids." : "Lines of ids to text.");
    use.option("--tokenizer", flags->tokenizer, "tokenizer.json").required();
    use.flag("--ids", flags->ids, "Numbers (the default)");
    use.flag("--tokens", flags->tokens, "Tokens instead of numbers").excludes("--ids");
    use.example(encodes ? "echo 'A dog.' | heddle tokenizer encode --tokenizer tokenizer.json"
                        : "echo '40 312 2' | heddle tokenizer decode --tokenizer tokenizer.json");
    use.run([flags, encodes] { return encodes ? encode(*flags) : decode(*flags); });
  }
}

}  // namespace heddle::app
