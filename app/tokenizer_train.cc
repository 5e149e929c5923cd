#include <fmt/format.h>

#include "app/tokenizer.h"
#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/data/line_reader.h"
#include "heddle/text/trainers/tokenizer_trainer.h"

namespace heddle::app {
namespace {

struct TrainTokenizerFlags {
  text::TokenizerRecipe recipe;
  std::string out, score = "likelihood", protected_file;
  std::vector<std::string> files;
  double coverage = 0;         // 0: as usual for the type
  int64_t memory_limit = 512;  // MiB
  int threads = 0;
};

int train(TrainTokenizerFlags flags) {
  use_threads(flags.threads);
  text::TokenizerRecipe& recipe = flags.recipe;
  recipe.score = flags.score == "frequency" ? text::PairScore::frequency : text::PairScore::likelihood;
  recipe.memory_limit = flags.memory_limit << 20;
  if (flags.coverage != 0) recipe.coverage = flags.coverage;
  if (!flags.protected_file.empty()) read_words(flags.protected_file, recipe.protected_words);
  const bool languages = recipe.sampling_temperature != 1;
  text::TokenizerTrainer trainer(recipe, languages ? flags.files.size() : 1);
  for (size_t i = 0; i < flags.files.size(); ++i) {
    data::LineReader reader(flags.files[i]);
    for (std::string_view line; reader.next(line);) trainer.add(line, languages ? i : 0);
  }
  const text::Tokenizer tokenizer = trainer.train();
  if (trainer.dropped() > 0)
    log_warning("--memory-limit {} left out {} occurrences of rare words", flags.memory_limit, trainer.dropped());
  tokenizer.save(flags.out);
  if (tokenizer.vocab_size() < recipe.vocab_size && recipe.type != "char")
    log_warning("the text gives only {} tokens, not the {} asked for", tokenizer.vocab_size(), recipe.vocab_size);
  log_info("wrote {} tokens to {}", tokenizer.vocab_size(), flags.out);
  return 0;
}

}  // namespace

void add_tokenizer_train_command(Command tokenizer) {
  auto flags = std::make_shared<TrainTokenizerFlags>();
  text::TokenizerRecipe& recipe = flags->recipe;
  Command learn = tokenizer.command("train", "Train on text files (plain, gzip, zstd), line by line.");
  learn.option("--type", recipe.type, "Kind of tokenizer").one_of(text::tokenizer_types()).show_default();
  learn.option("--vocab-size", recipe.vocab_size, "Tokens, special ones and bytes or characters included")
      .between(1, 4000000)
      .show_default();
  learn
      .option("--min-frequency", recipe.min_frequency,
              "A pair must be seen this often to be joined; a word, to be kept")
      .between(1, 1000000)
      .show_default();
  learn.flag("--lowercase", recipe.lowercase, "All letters small");
  learn
      .flag("--case-marks", recipe.case_marks,
            "All letters small, with a mark as a token of its own where they were not (not for other programs)")
      .excludes("--lowercase");
  learn.flag("--strip-accents", recipe.strip_accents, "Letters without their accents");
  learn.option("--normalize", recipe.normalization, "Unicode form of the text: none, nfc, nfkc")
      .one_of({"none", "nfc", "nfkc"});
  learn
      .option("--split", recipe.splits,
              fmt::format("One more rule to cut by: {}, or a regular expression; may be given again",
                          fmt::join(text::split_rules(), ", ")))
      .one_value_each();
  learn.option("--special-token", recipe.special_tokens, "In place of those usual for the type; may be given again")
      .one_value_each();
  learn.option("--protect", recipe.protected_words, "A word that is one token wherever it stands; may be given again")
      .one_value_each();
  learn.option("--protect-from", flags->protected_file, "A file of such words, one a line");
  learn.option("--alphabet", recipe.alphabet, "Characters that are tokens in any case");
  learn.option("--limit-alphabet", recipe.alphabet_limit, "Most characters beside these; 0: any").between(0, 1 << 21);
  learn.option("--coverage", flags->coverage,
               "Share of the text's characters that are tokens (default 0.9995 for char-bpe and unigram, else 1)");
  learn.flag("--byte-fallback", recipe.byte_fallback, "Unknown characters become bytes (char-bpe, unigram)");
  learn.option("--score", flags->score, "What wordpiece joins by: likelihood, frequency")
      .one_of({"likelihood", "frequency"});
  learn.option(
      "--sampling-temperature", recipe.sampling_temperature,
      "Each file is a language; above 1 the smaller ones count more, by their share to the power 1/temperature");
  learn.option("--memory-limit", flags->memory_limit, "MiB that training may take; rare words are left out; 0: any")
      .between(0, 1 << 20)
      .show_default();
  add_threads(learn, flags->threads);
  learn.option("--out", flags->out, "tokenizer.json to write").required();
  learn.option("files", flags->files, "Text files").required();
  learn.example(
      "heddle tokenizer train --type bpe --vocab-size 8000 --out tokenizer.json train.en train.de\n"
      "heddle tokenizer train --type unigram --sampling-temperature 5 --out tokenizer.json en.txt sw.txt.gz");
  learn.run([flags] { return train(*flags); });
}

}  // namespace heddle::app
