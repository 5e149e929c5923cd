#include <filesystem>

#include "app/tokenizer.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/data/line_reader.h"
#include "heddle/model/vocabulary_growth.h"
#include "heddle/task/token_facts.h"
#include "heddle/text/trainers/tokenizer_extender.h"

namespace heddle::app {
namespace {

namespace fs = std::filesystem;

struct ExtendFlags {
  std::string tokenizer, words_file, model, out;
  std::vector<std::string> words, files;
  int64_t more = 1000, min_frequency = 2;
  int64_t memory_limit = 512;  // MiB
  int threads = 0;
};

std::vector<std::string> words_of(const ExtendFlags& flags) {
  std::vector<std::string> words = flags.words;
  if (!flags.words_file.empty()) read_words(flags.words_file, words);
  return words;
}

// Given words first, then what the files teach.
text::Extension extended(const text::Tokenizer& tokenizer, const ExtendFlags& flags) {
  text::Extension by_words = text::extend_by_words(tokenizer, words_of(flags));
  if (flags.files.empty()) return by_words;
  text::TokenizerExtender extender(by_words.tokenizer, flags.memory_limit << 20);
  for (const std::string& file : flags.files) {
    data::LineReader reader(file);
    for (std::string_view line; reader.next(line);) extender.add(line);
  }
  if (extender.dropped() > 0)
    log_warning("--memory-limit {} left out {} occurrences of rare words", flags.memory_limit, extender.dropped());
  text::Extension learned = extender.extend(flags.more, flags.min_frequency);
  // Of the old tokenizer's pieces, not of the given words.
  const auto old_size = tokenizer.vocab_size();
  for (std::vector<int32_t>& pieces : learned.old_pieces) {
    std::vector<int32_t> old;
    for (const int32_t id : pieces) {
      if (id < old_size) old.push_back(id);
      else std::ranges::copy(by_words.old_pieces[static_cast<size_t>(id - old_size)], std::back_inserter(old));
    }
    by_words.old_pieces.push_back(std::move(old));
  }
  return {learned.tokenizer, std::move(by_words.old_pieces)};
}

// All of the folder, or nothing.
void write_model(const fs::path& out, const model::LoadedModel& model, const text::Tokenizer& tokenizer) {
  try {
    AtomicFolder folder(out);
    model::save_config(folder.building(), model.model.config());
    model::save_weights(folder.building() / "model.safetensors", model.parameters, model.weights);
    tokenizer.save(folder.building() / "tokenizer.json");
    folder.commit();
  } catch (const fs::filesystem_error& error) {
    fail_system("cannot write the model folder {}: {}", fs::absolute(out).lexically_normal().string(),
                error.code().message());
  }
}

int extend(const ExtendFlags& flags) {
  use_threads(flags.threads);
  if (flags.tokenizer.empty() == flags.model.empty())
    fail_input("give one of --tokenizer FILE and --model FOLDER, whose tokenizer.json is extended then");
  if (flags.files.empty() && flags.words.empty() && flags.words_file.empty())
    fail_input("nothing to extend by; give --word WORD, --words-from FILE, or text files to learn from");
  if (!flags.model.empty() && fs::exists(flags.out))
    fail_input("--out {} is there already; with --model it is a new folder", flags.out);
  const fs::path file = flags.model.empty() ? fs::path(flags.tokenizer) : fs::path(flags.model) / "tokenizer.json";
  const text::Tokenizer tokenizer = text::Tokenizer::load(file);
  const text::Extension grown = extended(tokenizer, flags);
  if (flags.model.empty()) {
    grown.tokenizer.save(flags.out);
  } else {
    const auto loaded = model::load_model(flags.model);
    if (loaded->model.config().vocab_size != tokenizer.vocab_size())
      fail_input("{} has {} tokens, but the model beside it {}; they do not belong together", file.string(),
                 tokenizer.vocab_size(), loaded->model.config().vocab_size);
    const auto larger = model::with_more_tokens(*loaded, grown.old_pieces);
    larger->model.learn_tokens({.texts = task::token_texts(grown.tokenizer)}, larger->weights);
    write_model(flags.out, *larger, grown.tokenizer);
  }
  log_info("{} tokens became {}; wrote {}", tokenizer.vocab_size(), grown.tokenizer.vocab_size(), flags.out);
  return 0;
}

}  // namespace

void add_tokenizer_extend_command(Command tokenizer) {
  auto flags = std::make_shared<ExtendFlags>();
  Command command = tokenizer.command(
      "extend",
      "Go on with a tokenizer: words that become one token each, tokens learned from more text. Old ids stay.");
  command.option("--tokenizer", flags->tokenizer, "tokenizer.json to go on with");
  command.option("--model", flags->model,
                 "Model folder to go on with: rows of new tokens start from the mean of their old pieces' rows");
  command.option("--word", flags->words, "A word that becomes one token; may be given again").one_value_each();
  command.option("--words-from", flags->words_file, "A file of such words, one a line");
  command.option("--more", flags->more, "Tokens to learn from the files, at most").between(1, 4000000).show_default();
  command.option("--min-frequency", flags->min_frequency, "What is joined must be seen this often")
      .between(1, 1000000)
      .show_default();
  command.option("--memory-limit", flags->memory_limit, "MiB that learning may take; 0: any")
      .between(0, 1 << 20)
      .show_default();
  add_threads(command, flags->threads);
  command.option("--out", flags->out, "tokenizer.json to write; with --model a new folder").required();
  command.option("files", flags->files, "Text files to learn from");
  command.example(
      "heddle tokenizer extend --tokenizer tokenizer.json --word Sauerkraut --out more.json\n"
      "heddle tokenizer extend --model run --more 500 --out grown new_domain.txt");
  command.run([flags] { return extend(*flags); });
}

}  // namespace heddle::app
