#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "app/tokenizer.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/data/line_reader.h"
#include "heddle/data/readers/format.h"
#include "heddle/text/inspection/inspection_report.h"
#include "heddle/text/inspection/token_strip.h"

namespace heddle::app {
namespace {

struct InspectTokenizerFlags {
  std::string tokenizer, text, html;
  std::vector<std::string> files;
  int64_t words = 15;
  bool json = false;
  int threads = 0;
};

text::TerminalStyle terminal_style() {
  text::TerminalStyle style;
  winsize window = {};
  if (isatty(STDOUT_FILENO) != 1) return style;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 20) style.width = window.ws_col;
  const char* const no_colour = std::getenv("NO_COLOR");
  style.coloured = !no_colour || *no_colour == '\0';
  return style;
}

int inspect_tokenizer(const InspectTokenizerFlags& flags) {
  use_threads(flags.threads);
  const text::Tokenizer tokenizer = text::unbounded(text::Tokenizer::load(flags.tokenizer));
  text::Inspection inspection = {
      .tokenizer = flags.tokenizer, .vocabulary = tokenizer.vocab_size(), .languages = {}, .strip = {}};
  if (!flags.text.empty()) inspection.strip = text::token_strip(tokenizer, flags.text);
  text::LanguageProfiler profiler(tokenizer, {.words_shown = static_cast<size_t>(flags.words)});
  for (const std::string& file : flags.files) {
    data::LineReader reader(file, {.longest_line = size_t{1} << 30});
    for (std::string_view line; reader.next(line);) profiler.add(line);
    inspection.languages.push_back(profiler.take(data::plain_name(file)));
  }
  if (!flags.html.empty()) write_file_atomic(flags.html, text::inspection_as_html(inspection));
  fmt::print(
      "{}", flags.json ? text::inspection_as_json(inspection) : text::inspection_as_text(inspection, terminal_style()));
  return 0;
}

}  // namespace

void add_tokenizer_inspect_command(Command tokenizer) {
  auto flags = std::make_shared<InspectTokenizerFlags>();
  Command command = tokenizer.command("inspect", "What a tokenizer does to text: tokens per word, unknowns, growth.");
  command.option("--tokenizer", flags->tokenizer, "tokenizer.json, or a file of another format").required();
  command.option("files", flags->files, "Text, one file for each language (plain, gzip, zstd)");
  command.option("--text", flags->text, "Show this text's tokens with their ids and bytes");
  command.option("--words", flags->words, "Words in each list").between(0, 10000).show_default();
  command.flag("--json", flags->json, "JSON on stdout");
  command.option("--html", flags->html, "Also write one HTML page");
  add_threads(command, flags->threads);
  command.example(
      "heddle tokenizer inspect --tokenizer tokenizer.json train.en train.de --html tokens.html\n"
      "heddle tokenizer inspect --tokenizer tokenizer.json --text 'A dog.'");
  command.run([flags] { return inspect_tokenizer(*flags); });
}

}  // namespace heddle::app
