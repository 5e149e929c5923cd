#include "app/tokenizer.h"
#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/text/formats/load.h"
#include "heddle/text/formats/tiktoken.h"
#include "heddle/text/post_processors/template.h"

namespace heddle::app {
namespace {

struct ConvertFlags {
  std::string tokenizer, out, encoding, letter_case = "auto", begin, end;
  std::vector<std::string> special;
  bool portable = false;
};

// Puts the tokens named around every text.
text::Tokenizer surrounded(const text::Tokenizer& tokenizer, const ConvertFlags& flags) {
  const auto list_of = [&](const std::string& token) {
    std::vector<std::pair<std::string, int32_t>> list;
    if (token.empty()) return list;
    const auto id = tokenizer.id_of(token);
    if (!id) fail_input("{}: there is no token \"{}\" to put around texts", flags.tokenizer, token);
    list.emplace_back(token, *id);
    return list;
  };
  text::TokenizerParts parts = tokenizer.parts();
  parts.post_processor = text::TemplateProcessing::around(list_of(flags.begin), list_of(flags.end));
  return text::Tokenizer(std::move(parts));
}

int convert(const ConvertFlags& flags) {
  text::LoadOptions options = {.encoding = flags.encoding, .special_tokens = flags.special};
  options.portable = flags.portable;
  if (flags.letter_case != "auto") options.lowercase = flags.letter_case == "lower";
  text::Tokenizer tokenizer = text::load_tokenizer(flags.tokenizer, options);
  if (!flags.begin.empty() || !flags.end.empty()) tokenizer = surrounded(tokenizer, flags);
  tokenizer.save(flags.out);
  log_info("wrote {} tokens to {}", tokenizer.vocab_size(), flags.out);
  return 0;
}

}  // namespace

void add_tokenizer_convert_command(Command tokenizer) {
  auto flags = std::make_shared<ConvertFlags>();
  Command command = tokenizer.command("convert", "Any tokenizer's files to a tokenizer.json.");
  command
      .option("tokenizer", flags->tokenizer,
              "tokenizer.json, SentencePiece's .model, vocab.json with merges.txt, vocab.txt, tiktoken's ranks, or a "
              "folder with one")
      .required();
  command.option("--out", flags->out, "tokenizer.json to write").required();
  std::vector<std::string> encodings;
  for (const text::TiktokenEncoding& encoding : text::tiktoken_encodings()) encodings.emplace_back(encoding.name);
  command
      .option("--encoding", flags->encoding, "Whose pattern cuts text, for ranks; by default that of the file's name")
      .one_of(encodings);
  command.option("--special", flags->special, "A special token to put after the last rank").one_value_each();
  command.option("--case", flags->letter_case, "For vocab.txt: whether letters become small, or as its tokens suggest")
      .one_of({"auto", "lower", "keep"});
  command.flag("--portable", flags->portable,
               "For SentencePiece: only parts that the tokenizers library knows; ids can differ (docs/text.md)");
  command.option("--begin", flags->begin, "A token to put before every text, as <s>");
  command.option("--end", flags->end, "A token to put after every text, as </s>");
  command.example("heddle tokenizer convert spm.model --begin '<s>' --end '</s>' --out tokenizer.json");
  command.run([flags] { return convert(*flags); });
}

}  // namespace heddle::app
