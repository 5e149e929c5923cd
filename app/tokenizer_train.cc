#include "app/tokenizer.h"
#include "heddle/base/log.h"
#include "heddle/data/line_reader.h"
#include "heddle/text/tokenizer.h"
#include "heddle/text/utf8.h"

namespace heddle::app {
namespace {

struct Flags {
  std::string type = "bpe", out;
  std::vector<std::string> files;
  int64_t vocab_size = 8000, min_frequency = 2;
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

}  // namespace

void add_tokenizer_train_command(Command tokenizer) {
  auto flags = std::make_shared<Flags>();
  Command learn = tokenizer.command("train", "Train on text files (plain, gzip, zstd).");
  learn.option("--type", flags->type, "Kind of tokenizer: bpe").one_of({"bpe"});
  learn.option("--vocab-size", flags->vocab_size, "Tokens, special ones and bytes included").between(1, 4000000);
  learn.option("--min-frequency", flags->min_frequency, "A pair must be seen this often").between(1, 1000000);
  learn.option("--out", flags->out, "tokenizer.json to write").required();
  learn.option("files", flags->files, "Text files").required();
  learn.example("heddle tokenizer train --type bpe --vocab-size 8000 --out tokenizer.json train.en train.de");
  learn.run([flags] { return train(*flags); });
}

}  // namespace heddle::app
