#include <fmt/format.h>

#include "app/tokenizer.h"
#include "heddle/base/file.h"
#include "heddle/data/line_reader.h"
#include "heddle/data/readers/format.h"
#include "heddle/text/inspection/comparison_report.h"
#include "heddle/text/inspection/language_profile.h"

namespace heddle::app {
namespace {

struct CompareFlags {
  std::string a, b, html;
  std::vector<std::string> files;
  int64_t words = 15;
  bool json = false;
  int threads = 0;
};

int compare(const CompareFlags& flags) {
  use_threads(flags.threads);
  const text::Tokenizer a = text::unbounded(text::Tokenizer::load(flags.a));
  const text::Tokenizer b = text::unbounded(text::Tokenizer::load(flags.b));
  text::Comparison comparison = {
      .tokenizers = {flags.a, flags.b}, .vocabulary = text::overlap_of(a, b), .languages = {}};
  text::TokenizerComparer comparer(a, b, static_cast<size_t>(flags.words));
  for (const std::string& file : flags.files) {
    data::LineReader reader(file, {.longest_line = size_t{1} << 30});
    for (std::string_view line; reader.next(line);) comparer.add(line);
    comparison.languages.push_back(comparer.take(data::plain_name(file)));
  }
  if (!flags.html.empty()) write_file_atomic(flags.html, text::comparison_as_html(comparison));
  fmt::print("{}", flags.json ? text::comparison_as_json(comparison) : text::comparison_as_text(comparison));
  return 0;
}

}  // namespace

void add_tokenizer_compare_command(Command tokenizer) {
  auto flags = std::make_shared<CompareFlags>();
  Command command = tokenizer.command("compare", "Two tokenizers on the same text: tokens, vocabularies, words.");
  command.option("A", flags->a, "tokenizer.json, or a file of another format").required();
  command.option("B", flags->b, "Another").required();
  command.option("files", flags->files, "Text, one file for each language (plain, gzip, zstd)");
  command.option("--words", flags->words, "Words shown that the two cut otherwise").between(0, 10000).show_default();
  command.flag("--json", flags->json, "JSON on stdout");
  command.option("--html", flags->html, "Also write one HTML page");
  add_threads(command, flags->threads);
  command.example("heddle tokenizer compare bpe.json unigram.json train.en train.de");
  command.run([flags] { return compare(*flags); });
}

}  // namespace heddle::app
