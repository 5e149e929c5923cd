#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/data/line_reader.h"
#include "heddle/data/parallel_text.h"
#include "heddle/data/text_survey.h"

namespace heddle::app {
namespace {

namespace fs = std::filesystem;

// Which model suits how much text: more pairs carry more width and need less dropout.
struct ModelGuess {
  int64_t least_pairs;
  int width, layers, heads, ffn;
  double dropout, learning_rate;
  int warmup_steps;
};
constexpr ModelGuess kModels[] = {{0, 128, 2, 4, 256, 0.3, 3e-3, 400},
                                  {20000, 128, 4, 4, 256, 0.3, 5e-3, 800},
                                  {200000, 256, 4, 4, 1024, 0.2, 2e-3, 2000},
                                  {2000000, 512, 6, 8, 2048, 0.1, 1e-3, 4000}};

ModelGuess guess_model(int64_t pairs) {
  ModelGuess best = kModels[0];
  for (const ModelGuess& guess : kModels)
    if (guess.least_pairs <= pairs) best = guess;
  return best;
}

// A file name as a TOML string.
std::string toml_string(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) out += fmt::format("\\u{:04X}", static_cast<int>(c));
    else out += c;
  }
  return out + "\"";
}

// Columns of a TSV: those named source and target, else the first two by number.
void choose_columns(data::ParallelFiles& files) {
  data::LineReader reader(files.source);
  std::string line;
  if (!reader.next(line)) fail_input("{} is empty; expected tab-separated pairs", files.source.string());
  if (line.find('\t') == std::string::npos)
    fail_input("{}:1: there is no tab; give a TSV, or two files: --data SOURCE TARGET", files.source.string());
  const std::string columns = "\t" + line + "\t";
  const bool named = columns.find("\tsource\t") != std::string::npos && columns.find("\ttarget\t") != std::string::npos;
  if (named) return;
  files.source_column = "1";
  files.target_column = "2";
  log_info(
      "{}: no columns named source and target; taking the first as the source, the second as "
      "the target",
      files.source.string());
}

data::ParallelFiles parallel_files_of(const std::vector<std::string>& names) {
  if (names.size() > 2)
    fail_input("{} files were given; give one TSV, or two files: --data SOURCE TARGET", names.size());
  data::ParallelFiles files;
  files.source = names[0];
  if (names.size() == 2) files.target = names[1];
  else choose_columns(files);
  return files;
}

// The validation file beside a training file, by the usual names; "" when there is none.
std::string find_validation(const fs::path& train) {
  std::string name = train.filename().string();
  const size_t at = name.find("train");
  if (at == std::string::npos) return "";
  for (const std::string ending : {".gz", ".zst"})
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  for (const char* word : {"valid", "dev", "val", "validation"}) {
    std::string sibling = name;
    sibling.replace(at, std::string("train").size(), word);
    for (const char* ending : {"", ".gz", ".zst"})
      if (fs::exists(train.parent_path() / (sibling + ending))) return sibling;
  }
  return "";
}

// The [data] section. All names are seen from the folder of the source file.
std::string data_section(const data::ParallelFiles& files, const data::TextSurvey& text) {
  const fs::path folder = files.source.parent_path();
  const bool two_files = !files.target.empty();
  const std::string source = files.source.filename().string();
  const std::string target = !two_files ? ""
                             : files.target.parent_path() == folder
                                 ? files.target.filename().string()
                                 : fs::absolute(files.target).lexically_normal().string();
  std::string valid_source = find_validation(files.source);
  std::string valid_target = two_files ? find_validation(files.target) : "";
  const bool found = !valid_source.empty() && (!two_files || !valid_target.empty());
  if (!found) {
    valid_source = two_files ? "valid.source" : "valid.tsv";
    valid_target = two_files ? "valid.target" : "";
    log_warning(
        "no validation text was found beside {}; put about 1,000 pairs that are not "
        "trained on into files of their own and name them in [data]",
        files.source.string());
  }
  std::string toml = "[data]\n";
  toml += fmt::format("dir = {}\n", toml_string(folder.empty() ? "." : folder.string()));
  toml += fmt::format("train_source = {}\n", toml_string(source));
  toml += fmt::format("train_target = {}{}\n", toml_string(target),
                      two_files ? "" : "   # empty: train_source is a TSV with both");
  if (!found) toml += "# Write about 1,000 pairs that are not trained on into these:\n";
  toml += fmt::format("valid_source = {}\n", toml_string(valid_source));
  toml += fmt::format("valid_target = {}\n", toml_string(valid_target));
  if (!two_files) {
    toml += fmt::format("source_column = {}   # a name in the first line, or a number from 1\n",
                        toml_string(files.source_column));
    toml += fmt::format("target_column = {}\n", toml_string(files.target_column));
  }
  toml += "# Longer pairs are left out of training; 999 of 1,000 lines are within these:\n";
  toml += fmt::format("max_source_tokens = {}\n", data::guess_token_limit(text.source));
  toml += fmt::format("max_target_tokens = {}\n\n", data::guess_token_limit(text.target));
  return toml;
}

std::string model_sections(const data::TextSurvey& text) {
  constexpr int64_t kLeastVocabulary = 300;
  const ModelGuess model = guess_model(text.pairs);
  const int64_t longest = std::max(data::guess_token_limit(text.source), data::guess_token_limit(text.target));
  return fmt::format(
      R"([tokenizer]
type = "bpe"                # byte-level, of both sides together
vocab_size = {}             # {} different words; fewer pieces for less text
min_frequency = 2

[model]
width = {}
encoder_layers = {}
decoder_layers = {}
heads = {}                  # divides the width
ffn = {}                    # inner width
max_length = {}             # tokens, of a text or an answer
dropout = {}                # the less text, the more
norm_place = "pre"

[train]
max_minutes = 60
max_epochs = 40
batch_tokens = 4096         # target tokens a batch
learning_rate = {}
warmup_steps = {}
schedule = "inverse_sqrt"
label_smoothing = 0.1
clip_norm = 1.0
validate_every = 500        # steps
save_every = 500
log_every = 50
keep_last = 5
patience = 10               # validations without a better one before stopping
seed = 1

[decode]
beam = 5
length_penalty = "wu"
alpha = 1.0
)",
      data::guess_vocabulary(text, kLeastVocabulary), text.distinct_words, model.width, model.layers, model.layers,
      model.heads, model.ffn, 2 * longest, model.dropout, model.learning_rate, model.warmup_steps);
}

int init_translation(const std::vector<std::string>& names) {
  const data::ParallelFiles files = parallel_files_of(names);
  const data::TextSurvey text =
      data::survey(data::read_parallel(files, [](const std::string& why) { log_warning("{}", why); }));
  if (text.empty == text.pairs)
    fail_input("{}: every pair has an empty side; expected text on both", files.source.string());
  log_info("{} pairs, {} with an empty side; {:.1f} words a source line, {:.1f} a target line", text.pairs, text.empty,
           text.source.mean_words, text.target.mean_words);
  fmt::print(
      "# Translation of {} pairs ({} with an empty side, which are left out).\n"
      "# Source: {} bytes, {:.1f} words a line, the longest line has {} bytes.\n"
      "# Target: {} bytes, {:.1f} words a line, the longest line has {} bytes.\n"
      "# The sizes below are guessed from these figures; change what you know better.\n"
      "#   heddle train THIS_FILE --out run\n\n"
      "task = \"translation\"\n\n",
      text.pairs, text.empty, text.source.bytes, text.source.mean_words, text.source.most_bytes, text.target.bytes,
      text.target.mean_words, text.target.most_bytes);
  fmt::print("{}{}", data_section(files, text), model_sections(text));
  return 0;
}

}  // namespace

void add_init_command(Command app) {
  auto files = std::make_shared<std::vector<std::string>>();
  Command command = app.group("init", "Look at data and write a recipe for it.");
  Command translation = command.command("translation", "A recipe to train a translator, on stdout.");
  translation.option("--data", *files, "Two aligned files, source first, or one TSV").required();
  translation.example(
      "heddle init translation --data train.en train.de > my.toml\n"
      "heddle train my.toml --out run");
  translation.run([files] { return init_translation(*files); });
}

}  // namespace heddle::app
