#include "app/inspect.h"

#include <fmt/format.h>

#include "app/commands.h"
#include "app/standard_input.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/data/parallel_text.h"

namespace heddle::app {
namespace {

void warn(const std::string& why) { log_warning("{}", why); }

// Lines of standard input: a sentence, or a sentence, a tab and its translation.
std::vector<data::TextPair> read_standard_input(int64_t lines) {
  std::vector<data::TextPair> pairs;
  StandardInput input;
  for (StandardInput::Line line; std::ssize(pairs) < lines && input.next(line);) {
    const size_t tab = line.text.find('\t');
    pairs.push_back({line.text.substr(0, tab), tab == std::string::npos ? "" : line.text.substr(tab + 1)});
  }
  return pairs;
}

std::vector<data::TextPair> read_pairs(const InspectFlags& flags) {
  if (flags.source.empty() && !flags.reference.empty()) fail_input("--reference {} needs --source", flags.reference);
  std::vector<data::TextPair> pairs;
  if (flags.source.empty()) {
    pairs = read_standard_input(flags.lines);
  } else if (!flags.reference.empty()) {
    pairs = data::read_parallel({flags.source, flags.reference, {}, {}}, warn);
  } else {
    for (const auto& pair : data::read_parallel({flags.source, flags.source, {}, {}}, warn))
      pairs.push_back({pair.source, ""});
  }
  if (std::ssize(pairs) > flags.lines) pairs.resize(static_cast<size_t>(flags.lines));
  std::erase_if(pairs, [](const data::TextPair& pair) { return pair.source.empty(); });
  if (pairs.empty()) fail_input("there is no sentence to look at; give --source FILE, or lines on standard input");
  return pairs;
}

}  // namespace

void add_inspect_flags(Command& command, InspectFlags& flags) {
  command.option("--model", flags.model, "Folder that `heddle train` wrote").required();
  command.option("--source", flags.source, "Sentences, one a line; else standard input, a tab before the reference");
  command.option("--reference", flags.reference, "Their translations; else the model's own");
  command.option("--lines", flags.lines, "The most sentences that are read").between(1, 1000000).show_default();
  command.flag("--json", flags.json, "One JSON object on stdout");
  command.option("--html", flags.html, "Also write one HTML page");
}

void read_examples(const InspectFlags& flags, Inspected& inspected) {
  const std::vector<data::TextPair> pairs = read_pairs(flags);
  const task::Translator& translator = inspected.translator;
  std::vector<std::string> unanswered;
  for (const data::TextPair& pair : pairs)
    if (pair.target.empty()) unanswered.push_back(pair.source);
  const auto answers = translator.translate(unanswered);
  const auto most = static_cast<size_t>(translator.longest_source());
  inspected.examples.begin_id = *translator.tokenizer().begin_id();
  for (size_t i = 0, answer = 0; i < pairs.size(); ++i) {
    const std::string target = pairs[i].target.empty() ? answers[answer++][0].text : pairs[i].target;
    auto cut = [&](std::vector<int32_t> ids) {
      if (ids.size() > most) log_warning("sentence {} has {} tokens and is cut after {}", i + 1, ids.size(), most);
      ids.resize(std::min(ids.size(), most));
      return ids;
    };
    inspected.examples.source.push_back(cut(translator.tokenizer().encode(pairs[i].source)));
    inspected.examples.target.push_back(cut(translator.tokenizer().encode(target)));
  }
}

std::vector<std::string> Inspected::source_labels(int64_t example) const {
  return inspect::token_labels(translator.tokenizer(), examples.source[static_cast<size_t>(example)]);
}

std::vector<std::string> Inspected::output_labels(int64_t example) const {
  return inspect::token_labels(translator.tokenizer(), examples.target[static_cast<size_t>(example)]);
}

std::vector<std::string> Inspected::input_labels(int64_t example) const {
  std::vector<std::string> labels = output_labels(example);
  labels.insert(labels.begin(), label(examples.begin_id));
  labels.pop_back();
  return labels;
}

std::string Inspected::label(int32_t id) const { return inspect::token_labels(translator.tokenizer(), {&id, 1})[0]; }

int show(const inspect::Findings& findings, const InspectFlags& flags) {
  if (!flags.html.empty()) write_file_atomic(flags.html, inspect::as_html(findings));
  fmt::print("{}", flags.json ? inspect::as_json(findings) : inspect::as_text(findings));
  return 0;
}

void add_inspect_command(Command app) {
  Command group = app.group("inspect", "Look into a trained model: where it looks, what it holds, what matters.");
  add_inspect_attention(group);
  add_inspect_heads(group);
  add_inspect_neurons(group);
  add_inspect_layers(group);
  add_inspect_influence(group);
  add_inspect_params(group);
}

}  // namespace heddle::app
