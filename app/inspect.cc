#include "app/inspect.h"

#include <fmt/format.h>

#include "app/commands.h"
#include "app/standard_input.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/data/parallel_text.h"
#include "heddle/task/inspected_text.h"

namespace heddle::app {
namespace {

void warn(const std::string& why) { log_warning("{}", why); }

// Lines of standard input: with `pairs` a sentence, or a sentence, a tab and its translation.
std::vector<data::TextPair> read_standard_input(int64_t lines, bool in_pairs) {
  std::vector<data::TextPair> pairs;
  StandardInput input;
  for (StandardInput::Line line; std::ssize(pairs) < lines && input.next(line);) {
    const size_t tab = in_pairs ? line.text.find('\t') : std::string::npos;
    pairs.push_back({line.text.substr(0, tab), tab == std::string::npos ? "" : line.text.substr(tab + 1)});
  }
  return pairs;
}

std::vector<data::TextPair> read_pairs(const InspectFlags& flags, bool in_pairs) {
  if (flags.source.empty() && !flags.reference.empty()) fail_input("--reference {} needs --source", flags.reference);
  std::vector<data::TextPair> pairs;
  if (flags.source.empty()) {
    pairs = read_standard_input(flags.lines, in_pairs);
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

void read_translations(const InspectFlags& flags, const task::Translator& translator, inspect::Examples& examples) {
  const std::vector<data::TextPair> pairs = read_pairs(flags, true);
  std::vector<std::string> unanswered;
  for (const data::TextPair& pair : pairs)
    if (pair.target.empty()) unanswered.push_back(pair.source);
  const auto answers = translator.translate(unanswered);
  const auto most = static_cast<size_t>(translator.longest_source());
  for (size_t i = 0, answer = 0; i < pairs.size(); ++i) {
    const std::string target = pairs[i].target.empty() ? answers[answer++][0].text : pairs[i].target;
    auto cut = [&](std::vector<int32_t> ids) {
      if (ids.size() > most) log_warning("sentence {} has {} tokens and is cut after {}", i + 1, ids.size(), most);
      ids.resize(std::min(ids.size(), most));
      return ids;
    };
    examples.domain.push_back(translator.domain());
    examples.source.push_back(cut(translator.tokenizer().encode(pairs[i].source)));
    examples.target.push_back(cut(translator.tokenizer().encode(target)));
  }
}

// Texts, or questions with their answers.
void read_lines(const InspectFlags& flags, const task::Completer& completer, inspect::Examples& examples) {
  const bool asks = completer.answers_questions();
  if (!asks && !flags.reference.empty())
    fail_input("--reference {} holds answers, but {} learned texts without questions; leave it out", flags.reference,
               flags.model);
  std::vector<data::TextPair> pairs = read_pairs(flags, asks);
  const int64_t most = completer.model().model.config().max_length;
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i].domain = completer.domain();
    if (asks && pairs[i].target.empty())
      pairs[i].target = completer.complete(pairs[i].source, {.temperature = 0}, i)[0].text;
    const int64_t before = examples.size();
    const int64_t tokens = asks ? task::add_question(pairs[i], completer.tokenizer(), most, examples)
                                : task::add_text(pairs[i], completer.tokenizer(), most, examples);
    if (examples.size() == before) log_warning("line {} leaves no token to be asked for, and is left out", i + 1);
    else if (tokens > most) log_warning("line {} has {} tokens and is cut after {}", i + 1, tokens, most);
  }
  if (examples.size() == 0)
    fail_input("no line of {} leaves {} a token to be asked for",
               flags.source.empty() ? "standard input" : flags.source, flags.model);
}

}  // namespace

void add_inspect_flags(Command& command, InspectFlags& flags) {
  command.option("--model", flags.model, "Folder that `heddle train` wrote").required();
  command.option("--source", flags.source, "Sentences, one a line; else standard input, a tab before the reference");
  command.option("--reference", flags.reference, "Their translations, or answers; else the model's own");
  command.option("--domain", flags.domain, "One of data.domains that the sentences are of");
  command.option("--lines", flags.lines, "The most sentences that are read").between(1, 1000000).show_default();
  command.flag("--json", flags.json, "One JSON object on stdout");
  command.option("--html", flags.html, "Also write one HTML page");
}

Inspected::Inspected(const InspectFlags& flags) {
  if (model::load_config(flags.model).kind == "decoder_only") {
    completer = task::Completer::load(flags.model);
    completer->set_domain(flags.domain);
  } else {
    translator = task::Translator::load(flags.model);
    translator->set_domain(flags.domain);
  }
}

void read_examples(const InspectFlags& flags, Inspected& inspected) {
  inspected.examples.begin_id = *inspected.tokenizer().begin_id();
  if (inspected.translator) read_translations(flags, *inspected.translator, inspected.examples);
  else read_lines(flags, *inspected.completer, inspected.examples);
}

std::vector<std::string> Inspected::source_labels(int64_t example) const {
  return inspect::token_labels(tokenizer(), examples.source[static_cast<size_t>(example)]);
}

std::vector<std::string> Inspected::output_labels(int64_t example) const {
  const auto at = static_cast<size_t>(example);
  const size_t first = examples.asked_from.empty() ? 0 : static_cast<size_t>(examples.asked_from[at]);
  return inspect::token_labels(tokenizer(), std::span(examples.target[at]).subspan(first));
}

std::vector<std::string> Inspected::input_labels(int64_t example) const {
  std::vector<std::string> labels = inspect::token_labels(tokenizer(), examples.target[static_cast<size_t>(example)]);
  labels.insert(labels.begin(), label(examples.begin_id));
  labels.pop_back();
  return labels;
}

std::string Inspected::label(int32_t id) const { return inspect::token_labels(tokenizer(), {&id, 1})[0]; }

void fail_without_attention(const InspectFlags& flags) {
  fail_input("{} has no attention with weights to look at; that to learned offsets shows none", flags.model);
}

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
