#include <algorithm>

#include "app/inspect.h"
#include "heddle/base/error.h"
#include "heddle/inspect/neurons.h"

namespace heddle::app {
namespace {

struct NeuronFlags : InspectFlags {
  std::string at;
  int64_t neuron = -1, top = 8, show = 10;
};

// The text up to a token, which is set apart.
std::string in_context(const std::vector<std::string>& labels, int64_t position) {
  std::string text;
  const int64_t from = std::max<int64_t>(0, position - 4), to = std::min<int64_t>(std::ssize(labels), position + 3);
  if (from > 0) text += "…";
  for (int64_t i = from; i < to; ++i)
    text += i == position ? "[" + labels[static_cast<size_t>(i)] + "]" : labels[static_cast<size_t>(i)];
  return to < std::ssize(labels) ? text + "…" : text;
}

std::string promoted(const Inspected& inspected, const std::string& point, int64_t neuron, int64_t count) {
  std::string text;
  for (const auto& token : inspect::promoted_tokens(inspected.subject(), point, neuron, static_cast<size_t>(count)))
    text += fmt::format("{}{}", text.empty() ? "" : " | ", inspected.label(token.id));
  return text;
}

void add_neuron(const Inspected& inspected, const NeuronFlags& flags, const std::string& point,
                const std::vector<inspect::NeuronFigures>& neurons, inspect::Findings& findings) {
  if (flags.neuron >= std::ssize(neurons))
    fail_input("--neuron {}: {} has the neurons 0 to {}", flags.neuron, point, std::ssize(neurons) - 1);
  inspect::Table inputs = {.name = "inputs",
                           .caption = fmt::format("What {} {} answers to most:", point, flags.neuron),
                           .columns = {"value", "sentence", "position", "token in its place"}};
  for (const auto& input : neurons[static_cast<size_t>(flags.neuron)].top)
    inputs.rows.push_back({input.value, input.example + 1, input.position,
                           in_context(point.starts_with("encoder.") ? inspected.source_labels(input.example)
                                                                    : inspected.input_labels(input.example),
                                      input.position)});
  inspect::Table tokens = {.name = "promoted",
                           .caption = fmt::format("Tokens that {} {} writes towards:", point, flags.neuron),
                           .columns = {"token", "score"}};
  for (const auto& token :
       inspect::promoted_tokens(inspected.subject(), point, flags.neuron, static_cast<size_t>(flags.top)))
    tokens.rows.push_back({inspected.label(token.id), token.score});
  findings.tables.push_back(std::move(inputs));
  findings.tables.push_back(std::move(tokens));
}

// One line a layer, and its neurons that vary most.
void add_layer(const Inspected& inspected, const NeuronFlags& flags, const std::string& point,
               const std::vector<inspect::NeuronFigures>& neurons, inspect::Table& layers, inspect::Table& table) {
  int64_t dead = 0;
  double active = 0;
  std::vector<size_t> order(neurons.size());
  for (size_t n = 0; n < neurons.size(); ++n) {
    order[n] = n;
    dead += neurons[n].active == 0;
    active += neurons[n].active_share() / static_cast<double>(neurons.size());
  }
  layers.rows.push_back({point, std::ssize(neurons), active, dead});
  std::ranges::stable_sort(order, std::greater{}, [&](size_t n) { return neurons[n].deviation(); });
  order.resize(std::min(order.size(), static_cast<size_t>(flags.show)));
  for (const size_t n : order) {
    const auto& best = neurons[n].top.front();
    table.rows.push_back({point, static_cast<int64_t>(n), neurons[n].active_share(), neurons[n].mean(), best.value,
                          in_context(point.starts_with("encoder.") ? inspected.source_labels(best.example)
                                                                   : inspected.input_labels(best.example),
                                     best.position),
                          promoted(inspected, point, static_cast<int64_t>(n), 4)});
  }
}

inspect::Findings neurons(const NeuronFlags& flags) {
  Inspected inspected(flags);
  read_examples(flags, inspected);
  inspect::NeuronReader reader(static_cast<size_t>(flags.top));
  inspect::run(inspected.subject(), inspected.examples, &reader);
  inspect::Findings findings = {.title = "Neurons of " + flags.model};
  inspect::Table layers = {.name = "layers",
                           .caption = "Neurons that are above zero, and those that never are:",
                           .columns = {"point", "neurons", "active share", "never"}};
  inspect::Table table = {.name = "neurons",
                          .caption = "Those that vary most:",
                          .columns = {"point", "neuron", "active share", "mean", "most", "at", "writes towards"}};
  bool found = false;
  for (const auto& [point, figures] : reader.layers()) {
    if (point.find(flags.at) == std::string::npos) continue;
    found = true;
    if (flags.neuron >= 0) add_neuron(inspected, flags, point, figures, findings);
    else add_layer(inspected, flags, point, figures, layers, table);
  }
  if (!found && flags.at.empty()) fail_input("{} has no feed-forward network, and so no neurons", flags.model);
  if (!found) fail_input("--at {}: no feed-forward network of the model has that in its name", flags.at);
  if (flags.neuron < 0) findings.tables = {std::move(layers), std::move(table)};
  return findings;
}

}  // namespace

void add_inspect_neurons(Command& group) {
  auto flags = std::make_shared<NeuronFlags>();
  Command command = group.command("neurons", "What neurons answer to, and the tokens that they promote.");
  add_inspect_flags(command, *flags);
  command.option("--at", flags->at, "Only networks with this in their name, such as decoder.layers.1");
  command.option("--neuron", flags->neuron, "This one, from 0, in full").between(0, 1 << 30);
  command.option("--top", flags->top, "Inputs and tokens that are kept").between(1, 1000).show_default();
  command.option("--show", flags->show, "Neurons of each layer").between(1, 1000000).show_default();
  command.example("heddle inspect neurons --model run --source valid.en --at decoder.layers.1 --neuron 7");
  command.run([flags] { return show(neurons(*flags), *flags); });
}

}  // namespace heddle::app
