#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/standard_input.h"
#include "app/threads.h"
#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/task/completer.h"
#include "heddle/text/utf8.h"

namespace heddle::app {
namespace {

struct CompleteFlags {
  std::string model, domain;
  task::CompletionOptions options;
  bool infill = false, json = false;
  int threads = 0;
};

// A text in a line: \n, \t and \\ stand for a line break, a tab and a backslash.
std::string unescaped(std::string_view line) {
  std::string text;
  for (size_t i = 0; i < line.size(); ++i) {
    const char next = line[i] == '\\' && i + 1 < line.size() ? line[i + 1] : '\0';
    if (next == 'n' || next == 't' || next == '\\') {
      text += next == 'n' ? '\n' : next == 't' ? '\t' : '\\';
      ++i;
    } else {
      text += line[i];
    }
  }
  return text;
}

std::string escaped(std::string_view text) {
  std::string line;
  for (const char c : text) line += c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\\' ? "\\\\" : std::string(1, c);
  return line;
}

std::vector<task::Completion> answers_to(const task::Completer& completer, const std::string& line, int64_t number,
                                         const CompleteFlags& flags) {
  const auto seed = static_cast<uint64_t>(number);
  if (!flags.infill) return completer.complete(unescaped(line), flags.options, seed);
  const size_t tab = line.find('\t');
  if (tab == std::string::npos || line.find('\t', tab + 1) != std::string::npos)
    fail_input("line {} of the input is not text<TAB>text; --infill writes what stands where the one tab is", number);
  return completer.infill(unescaped(line.substr(0, tab)), unescaped(line.substr(tab + 1)), flags.options, seed);
}

void print(const std::vector<task::Completion>& answers, int64_t number, bool json) {
  for (const task::Completion& answer : answers)
    if (json)
      fmt::print("{}\n", nlohmann::ordered_json{{"line", number},
                                                {"text", answer.text},
                                                {"log_probability", answer.log_probability},
                                                {"ended", answer.ended}}
                             .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    else fmt::print("{}\n", escaped(answer.text));
  std::fflush(stdout);
}

int complete_input(const CompleteFlags& flags) {
  task::Completer completer = task::Completer::load(flags.model);
  completer.set_domain(flags.domain);
  StandardInput input;
  StandardInput::Line line;
  for (int64_t number = 1; input.next(line); ++number) {
    if (line.cut) log_warning("line {} is longer than {} bytes and is cut there", number, StandardInput::kLongestLine);
    print(answers_to(completer, text::repair_utf8(line.text), number, flags), number, flags.json);
  }
  return 0;
}

}  // namespace

void add_complete_command(Command app) {
  auto flags = std::make_shared<CompleteFlags>();
  Command command = app.command(
      "complete", "Go on with texts, one a line on stdin; \\n in a line stands for a line break, in answers too.");
  command.option("--model", flags->model, "Folder that `heddle train` wrote: a language model").required();
  command.option("--tokens", flags->options.tokens, "Tokens of an answer, at most").between(1, 1000000).show_default();
  command
      .option("--temperature", flags->options.temperature,
              "What log-probabilities are divided by before a token is drawn; 0: always the most probable token")
      .show_default();
  command.option("--top-k", flags->options.top_k, "Draw from this many of the most probable tokens; 0: from all")
      .show_default();
  command.option("--top-p", flags->options.top_p, "Draw from the fewest tokens that have this much of the probability")
      .show_default();
  command.option("--samples", flags->options.samples, "Answers to each text").between(1, 10000).show_default();
  command.option("--seed", flags->options.seed, "Decides what is drawn").show_default();
  command.option("--domain", flags->domain, "One of data.domains that the texts are of");
  command.flag("--infill", flags->infill,
               "Lines are text<TAB>text, and the answer stands between; for a model trained with data.infill");
  command.flag("--json", flags->json, "A JSON object for each answer");
  add_threads(command, flags->threads);
  command.example(
      "echo 'ROMEO:' | heddle complete --model run --tokens 200 --temperature 0.8\n"
      "printf 'What light through\\twindow breaks?\\n' | heddle complete --model run --infill --temperature 0");
  command.run([flags] {
    use_threads(flags->threads);
    return complete_input(*flags);
  });
}

}  // namespace heddle::app
