#include <cmath>

#include "app/inspect.h"
#include "heddle/inspect/parameter_groups.h"

namespace heddle::app {
namespace {

inspect::Findings parameters(const InspectFlags& flags, bool each) {
  Inspected inspected(flags);
  Tensor gradient;
  if (!flags.source.empty() || !flags.reference.empty()) {
    read_examples(flags, inspected);
    gradient = inspect::mean_gradient(inspected.subject(), inspected.examples);
  }
  const auto groups = inspect::parameter_groups(inspected.subject(), gradient, each);
  inspect::Findings findings = {.title = "Parameters of " + flags.model};
  inspect::Table table = {.name = "parameters",
                          .caption = gradient.defined() ? "Weights, and the gradient of the mean loss per token:"
                                                        : "Weights (their gradient with --source and --reference):",
                          .columns = {each ? "weight" : "role", "tensors", "numbers", "share", "norm", "rms"}};
  if (gradient.defined()) table.columns.insert(table.columns.end(), {"gradient norm", "gradient / weight"});
  inspect::ParameterGroup total = {.name = "all"};
  for (const auto& group : groups) {
    total.weights += group.weights;
    total.numbers += group.numbers;
    total.squares += group.squares;
    total.gradient_squares += group.gradient_squares;
  }
  const auto add = [&](const inspect::ParameterGroup& g) {
    auto& row = table.rows.emplace_back();
    row = {g.name,
           g.weights,
           g.numbers,
           static_cast<double>(g.numbers) / static_cast<double>(total.numbers),
           std::sqrt(g.squares),
           std::sqrt(g.squares / static_cast<double>(g.numbers))};
    if (!gradient.defined()) return;
    row.emplace_back(std::sqrt(g.gradient_squares));
    row.emplace_back(g.squares > 0 ? std::sqrt(g.gradient_squares / g.squares) : 0.0);
  };
  for (const auto& group : groups) add(group);
  add(total);
  findings.tables.push_back(std::move(table));
  return findings;
}

}  // namespace

void add_inspect_params(Command& group) {
  struct Flags : InspectFlags {
    bool each = false;
  };
  auto flags = std::make_shared<Flags>();
  Command command = group.command("params", "Weights by role: count, share, norm, gradient on given data.");
  add_inspect_flags(command, *flags);
  command.flag("--each", flags->each, "One line a weight");
  command.example("heddle inspect params --model run --source valid.en --reference valid.de");
  command.run([flags] { return show(parameters(*flags, flags->each), *flags); });
}

}  // namespace heddle::app
