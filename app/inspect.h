#pragma once
// What the subcommands of `heddle inspect` share: which model, which sentences, and in which form the answer comes.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "heddle/inspect/findings.h"
#include "heddle/inspect/subject.h"
#include "heddle/task/completer.h"
#include "heddle/task/translator.h"

namespace heddle::app {

struct InspectFlags {
  std::string model, source, reference, domain, html;
  int64_t lines = 100;
  bool json = false;
};

void add_inspect_flags(Command& command, InspectFlags& flags);

// A model and what it is asked about. Of a translator, and of a language model that answers questions, pairs: those of
// --source and --reference, or of standard input (a tab before the reference); without references its own answers. Of a
// language model of texts, the lines.
struct Inspected {
  std::optional<task::Translator> translator;  // one of the two
  std::optional<task::Completer> completer;
  inspect::Examples examples = {};

  explicit Inspected(const InspectFlags& flags);
  const text::Tokenizer& tokenizer() const { return translator ? translator->tokenizer() : completer->tokenizer(); }
  inspect::Subject subject() const { return inspect::Subject(translator ? translator->model() : completer->model()); }
  std::vector<std::string> source_labels(int64_t example) const;
  // What a decoder reads, <s> first, and what it should say where it is asked.
  std::vector<std::string> input_labels(int64_t example) const;
  std::vector<std::string> output_labels(int64_t example) const;
  std::string label(int32_t id) const;
};
void read_examples(const InspectFlags& flags, Inspected& inspected);

// Of a model whose attention shows no weights.
[[noreturn]] void fail_without_attention(const InspectFlags& flags);

// Prints the findings, and writes the page.
int show(const inspect::Findings& findings, const InspectFlags& flags);

void add_inspect_params(Command& group);
void add_inspect_attention(Command& group);
void add_inspect_heads(Command& group);
void add_inspect_neurons(Command& group);
void add_inspect_layers(Command& group);
void add_inspect_influence(Command& group);

}  // namespace heddle::app
