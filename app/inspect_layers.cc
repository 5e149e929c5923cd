#include <algorithm>
#include <map>

#include "app/inspect.h"
#include "heddle/inspect/attention_maps.h"
#include "heddle/inspect/layer_states.h"
#include "heddle/inspect/linear_probe.h"
#include "heddle/inspect/similarity.h"

namespace heddle::app {
namespace {

constexpr size_t kMostClasses = 64;

// Every other row teaches the probe, the rest ask it; rows whose class is not among the most frequent are left out.
struct ProbeTask {
  std::vector<int32_t> classes;  // by row; -1: left out
  double chance = 0;             // the share of the most frequent class
};

ProbeTask task_of(const std::vector<int32_t>& values) {
  std::map<int32_t, int64_t> counts;
  for (const int32_t value : values) ++counts[value];
  std::vector<std::pair<int64_t, int32_t>> frequent;
  for (const auto& [value, count] : counts) frequent.emplace_back(count, value);
  std::ranges::sort(frequent, std::greater{});
  frequent.resize(std::min(frequent.size(), kMostClasses));
  std::map<int32_t, int32_t> number;
  int64_t kept = 0;
  for (const auto& [count, value] : frequent) {
    number.emplace(value, static_cast<int32_t>(number.size()));
    kept += count;
  }
  ProbeTask task;
  for (const int32_t value : values) task.classes.push_back(number.contains(value) ? number[value] : -1);
  if (kept > 0) task.chance = static_cast<double>(frequent[0].first) / static_cast<double>(kept);
  return task;
}

double probe_accuracy(const Tensor& states, const ProbeTask& task) {
  std::vector<double> numbers(static_cast<size_t>(states.count()));
  copy_into(states, Tensor::borrow(numbers.data(), states.shape(), DType::f64));
  const auto width = static_cast<size_t>(states.width());
  std::vector<double> half[2];
  std::vector<int32_t> classes[2];
  for (size_t r = 0; r < task.classes.size(); ++r) {
    if (task.classes[r] < 0) continue;
    half[r % 2].insert(half[r % 2].end(), numbers.begin() + static_cast<int64_t>(r * width),
                       numbers.begin() + static_cast<int64_t>((r + 1) * width));
    classes[r % 2].push_back(task.classes[r]);
  }
  if (classes[0].empty() || classes[1].empty()) return 0;
  return inspect::LinearProbe(half[0], classes[0], 1.0).accuracy(half[1], classes[1]);
}

struct Stack {
  std::vector<const inspect::LayerStates*> states;
  std::vector<int32_t> tokens, positions;
};

Stack stack_of(const Inspected& inspected, const std::vector<inspect::LayerStates>& all, bool encoder) {
  Stack stack;
  for (const auto& states : all)
    if (inspect::of_encoder(states.point) == encoder) stack.states.push_back(&states);
  for (int64_t i = 0; i < inspected.examples.size(); ++i) {
    const data::TranslationBatch one = inspected.examples.one(i);
    const data::PackedSequences& rows = encoder ? one.source : one.target_in;
    stack.tokens.insert(stack.tokens.end(), rows.ids.begin(), rows.ids.end());
    stack.positions.insert(stack.positions.end(), rows.position.begin(), rows.position.end());
  }
  return stack;
}

void add_similarities(const Stack& stack, const std::string& name, inspect::Findings& findings) {
  std::vector<std::string> points;
  for (const auto* states : stack.states) points.push_back(states->point);
  const auto add = [&](const std::string& key, const std::string& caption, auto&& alike) {
    inspect::Map map = {.name = key + ", " + name, .caption = caption, .rows = points, .columns = points, .values = {}};
    for (const auto* a : stack.states) {
      map.values.emplace_back();
      for (const auto* b : stack.states) map.values.back().push_back(alike(*a, *b));
    }
    findings.maps.push_back(std::move(map));
  };
  using States = inspect::LayerStates;
  add("CKA", "of the states of all tokens",
      [](const States& a, const States& b) { return inspect::linear_cka(a.rows, b.rows); });
  add("cosine of first states", "mean over the sentences",
      [](const States& a, const States& b) { return inspect::mean_cosine(a.first, b.first); });
  add("cosine of mean states", "mean over the sentences",
      [](const States& a, const States& b) { return inspect::mean_cosine(a.mean, b.mean); });
}

// Mean over the heads, by attention.
std::map<std::string, double> diagonal_mass(const Inspected& inspected) {
  std::map<std::string, std::pair<double, int>> sums;
  for (const auto& f : inspect::head_figures(inspected.subject(), inspected.examples)) {
    sums[f.attention].first += f.diagonal;
    ++sums[f.attention].second;
  }
  std::map<std::string, double> mass;
  for (const auto& [attention, sum] : sums) mass[attention] = sum.first / sum.second;
  return mass;
}

inspect::Findings layers(const InspectFlags& flags) {
  Inspected inspected(flags);
  read_examples(flags, inspected);
  const auto all = inspect::layer_states(inspected.subject(), inspected.examples);
  const auto mass = diagonal_mass(inspected);
  inspect::Findings findings = {.title = "Layers of " + flags.model};
  inspect::Table table = {
      .name = "layers",
      .caption =
          fmt::format("States of {} sentences: how alike to the layer before and to the last (CKA), the diagonal mass "
                      "of the layer's self-attention, and what a linear probe reads from them (chance in brackets):",
                      inspected.examples.size()),
      .columns = {"states", "CKA before", "CKA last", "first cosine before", "mean cosine before", "diagonal",
                  "token read", "position read"}};
  for (const bool encoder : {true, false}) {
    const Stack stack = stack_of(inspected, all, encoder);
    if (stack.states.empty()) continue;
    const ProbeTask token = task_of(stack.tokens), position = task_of(stack.positions);
    for (size_t i = 0; i < stack.states.size(); ++i) {
      const auto& here = *stack.states[i];
      const auto& before = *stack.states[i > 0 ? i - 1 : 0];
      const std::string layer = here.point.substr(0, here.point.rfind('.'));
      const auto found = mass.find(layer + ".self_attention");
      table.rows.push_back({here.point, inspect::linear_cka(here.rows, before.rows),
                            inspect::linear_cka(here.rows, stack.states.back()->rows),
                            inspect::mean_cosine(here.first, before.first),
                            inspect::mean_cosine(here.mean, before.mean),
                            found == mass.end() ? "" : fmt::format("{:.3f}", found->second),
                            fmt::format("{:.3f} ({:.3f})", probe_accuracy(here.rows, token), token.chance),
                            fmt::format("{:.3f} ({:.3f})", probe_accuracy(here.rows, position), position.chance)});
    }
    add_similarities(stack, encoder ? "encoder" : "decoder", findings);
  }
  findings.tables.push_back(std::move(table));
  if (!flags.json && flags.html.empty()) findings.maps.clear();
  return findings;
}

}  // namespace

void add_inspect_layers(Command& group) {
  auto flags = std::make_shared<InspectFlags>();
  Command command = group.command("layers", "How states change from layer to layer, and what can be read from them.");
  add_inspect_flags(command, *flags);
  command.example("heddle inspect layers --model run --source valid.en --reference valid.de --html layers.html");
  command.run([flags] { return show(layers(*flags), *flags); });
}

}  // namespace heddle::app
