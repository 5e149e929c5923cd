#include <unistd.h>

#include "app/tokenizer.h"
#include "heddle/base/error.h"
#include "heddle/base/line_filter.h"
#include "heddle/text/encoding_lines.h"
#include "heddle/text/granularities.h"

namespace heddle::app {
namespace {

struct EncodeFlags {
  std::vector<std::string> tokenizers;
  bool ids = false, tokens = false, offsets = false, json = false;
  bool pair = false, no_special = false, characters = false;
  int threads = 0;
};

text::EncodeOptions encode_options(const EncodeFlags& flags) {
  const auto form = flags.json      ? text::TokenForm::json
                    : flags.offsets ? text::TokenForm::offsets
                    : flags.tokens  ? text::TokenForm::tokens
                                    : text::TokenForm::ids;
  if (flags.characters && form != text::TokenForm::offsets && form != text::TokenForm::json)
    fail_input("--characters says what offsets count; it goes with --offsets or --json");
  return {form, flags.pair, !flags.no_special,
          flags.characters ? text::OffsetUnit::characters : text::OffsetUnit::bytes};
}

int encode(const EncodeFlags& flags) {
  use_threads(flags.threads);
  const text::EncodeOptions options = encode_options(flags);
  std::vector<text::Tokenizer> tokenizers;
  for (const std::string& file : flags.tokenizers) tokenizers.push_back(text::Tokenizer::load(file));
  if (tokenizers.size() > 1 && (!flags.json || flags.pair))
    fail_input("several tokenizers of one text are shown by --json, and for single texts");
  filter_lines(STDIN_FILENO, STDOUT_FILENO, [&](std::string_view line, std::string& out) {
    if (tokenizers.size() == 1) text::append_encoded(tokenizers[0], line, options, out);
    else if (line.size() > text::kLongestInFull) fail_input("the line has more than {} bytes", text::kLongestInFull);
    else out += text::encode_granularities(tokenizers, line, options.add_special_tokens, options.unit).as_json();
    out += '\n';
  });
  return 0;
}

struct DecodeFlags {
  std::string tokenizer;
  bool tokens = false, keep_special = false, json = false;
  int threads = 0;
};

int decode(const DecodeFlags& flags) {
  use_threads(flags.threads);
  const text::Tokenizer tokenizer = text::Tokenizer::load(flags.tokenizer);
  filter_lines(STDIN_FILENO, STDOUT_FILENO, [&](std::string_view line, std::string& out) {
    text::append_decoded(tokenizer, line, {flags.tokens, flags.keep_special, flags.json}, out);
    out += '\n';
  });
  return 0;
}

void add_encode(Command& tokenizer) {
  auto flags = std::make_shared<EncodeFlags>();
  Command command = tokenizer.command("encode", "Lines of text to lines of tokens.");
  command
      .option("--tokenizer", flags->tokenizers,
              "tokenizer.json or another format; several with --json, and their tokens are aligned")
      .required()
      .one_value_each();
  command.flag("--ids", flags->ids, "Numbers (the default)");
  command.flag("--tokens", flags->tokens, "Tokens; what looks like a space as \\s, \\t, \\n, \\r, and \\ as \\\\")
      .excludes("--ids");
  command.flag("--offsets", flags->offsets, "id:begin:end; of a pair id:begin:end:text, text 0, 1 or - for neither")
      .excludes("--ids")
      .excludes("--tokens");
  command.flag("--json", flags->json, "All there is to know, an object a line")
      .excludes("--ids")
      .excludes("--tokens")
      .excludes("--offsets");
  command.flag("--characters", flags->characters, "Offsets count code points, not bytes");
  command.flag("--pair", flags->pair, "A line is two texts, with a tab between");
  command.flag("--no-special", flags->no_special, "Without the special tokens around a text");
  add_threads(command, flags->threads);
  command.example("heddle tokenizer encode --tokenizer tokenizer.json < train.en > train.ids");
  command.run([flags] { return encode(*flags); });
}

void add_decode(Command& tokenizer) {
  auto flags = std::make_shared<DecodeFlags>();
  Command command = tokenizer.command("decode", "Lines of tokens to lines of text.");
  command.option("--tokenizer", flags->tokenizer, "tokenizer.json, or a file of another format").required();
  command.flag("--tokens", flags->tokens, "The lines hold tokens as encode --tokens writes them, not ids");
  command.flag("--keep-special", flags->keep_special, "Special tokens are text too");
  command.flag("--json", flags->json, "Each text as a JSON string: one with line ends stays one line");
  add_threads(command, flags->threads);
  command.example("echo '40 312 2' | heddle tokenizer decode --tokenizer tokenizer.json");
  command.run([flags] { return decode(*flags); });
}

}  // namespace

void add_tokenizer_encode_commands(Command tokenizer) {
  add_encode(tokenizer);
  add_decode(tokenizer);
}

}  // namespace heddle::app
