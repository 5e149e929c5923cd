#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/standard_input.h"
#include "app/threads.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/task/alignment.h"
#include "heddle/text/utf8.h"

namespace heddle::app {
namespace {

constexpr size_t kWindow = 1024;  // lines decoded together

void answer(task::Translator& translator, std::vector<std::string>& lines, int64_t first_line, bool numbered) {
  for (size_t i = 0; i < lines.size(); ++i)
    if (!text::is_valid_utf8(lines[i])) {
      log_warning("line {} is not UTF-8; its broken bytes are read as U+FFFD", first_line + static_cast<int64_t>(i));
      lines[i] = text::repair_utf8(lines[i]);
    }
  const auto answers = translator.translate(lines);
  for (int64_t i : translator.cut_lines())
    log_warning("line {} has more than {} tokens and is cut there", first_line + i, translator.longest_source());
  for (size_t i = 0; i < answers.size(); ++i)
    for (int64_t n = 0; n < (numbered ? translator.nbest : 1); ++n) {
      const auto& best = answers[i][std::min<size_t>(static_cast<size_t>(n), answers[i].size() - 1)];
      std::string text = best.text;
      std::ranges::replace(text, '\n', ' ');
      if (numbered) fmt::print("{}\t{:.4f}\t{}\n", first_line + static_cast<int64_t>(i), best.score, text);
      else fmt::print("{}\n", text);
    }
  std::fflush(stdout);
  lines.clear();
}

int translate_input(task::Translator& translator, bool numbered, const std::string& attention_file) {
  StandardInput input;
  StandardInput::Line line;
  std::vector<std::string> window;
  int64_t read = 0;
  while (input.next(line)) {
    ++read;
    if (read == 1 && !attention_file.empty())
      write_file_atomic(attention_file, task::alignment_svg(translator, text::repair_utf8(line.text)));
    if (line.cut) log_warning("line {} is longer than {} bytes and is cut there", read, StandardInput::kLongestLine);
    window.push_back(std::move(line.text));
    if (window.size() == kWindow || !input.ready()) answer(translator, window, read - std::ssize(window) + 1, numbered);
  }
  if (!window.empty()) answer(translator, window, read - std::ssize(window) + 1, numbered);
  return 0;
}

}  // namespace

void add_translate_command(Command app) {
  struct Flags {
    std::string model, domain, attention;
    int beam = 5, nbest = 0, threads = 0;
  };
  auto flags = std::make_shared<Flags>();
  Command command = app.command("translate", "Translate lines from stdin to stdout.");
  command.option("--model", flags->model, "Folder that `heddle train` wrote").required();
  command.option("--beam", flags->beam, "Hypotheses kept; 1 is greedy").between(1, 1000);
  command
      .option("--nbest", flags->nbest,
              "Answers a line, best first, as k<TAB>score<TAB>text with k the number of the line; the beam is at "
              "least as wide")
      .between(1, 1000);
  command.option("--domain", flags->domain, "One of data.domains that the lines are of");
  command.option("--attention", flags->attention, "Write the attention map of the first line to this SVG file");
  add_threads(command, flags->threads);
  command.example("echo 'A dog runs.' | heddle translate --model run");
  command.run([flags] {
    use_threads(flags->threads);
    task::Translator translator = task::Translator::load(flags->model);
    translator.options().beam = std::max(flags->beam, flags->nbest);
    translator.set_domain(flags->domain);
    translator.nbest = std::max(1, flags->nbest);
    return translate_input(translator, flags->nbest > 0, flags->attention);
  });
}

}  // namespace heddle::app
