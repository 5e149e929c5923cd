#include <algorithm>
#include <iterator>
#include <set>

#include "app/inspect.h"
#include "heddle/base/error.h"
#include "heddle/inspect/attention_maps.h"
#include "heddle/inspect/attention_snapshots.h"

namespace heddle::app {
namespace {

struct AttentionFlags : InspectFlags {
  std::string at;
  std::vector<int> positions;
  int64_t sentence = 1;
  bool snapshots = false;
};

// The labels of a map's rows or columns.
std::vector<std::string> labels(const Inspected& inspected, const std::string& attention, int64_t sentence,
                                bool of_keys) {
  if (attention.starts_with("encoder.") || (of_keys && attention.ends_with("cross_attention")))
    return inspected.source_labels(sentence);
  return inspected.input_labels(sentence);
}

void add_maps(const Inspected& inspected, const AttentionFlags& flags, inspect::Findings& findings) {
  const int64_t sentence = flags.sentence - 1;
  if (sentence >= inspected.examples.size())
    fail_input("--sentence {}: there are {} sentences", flags.sentence, inspected.examples.size());
  inspect::AttentionReader reader(flags.at);
  inspect::run(inspected.subject(), inspected.examples.one(sentence), &reader);
  std::set<std::string> seen;
  const auto add = [&](const std::string& attention, const std::string& name, inspect::Matrix values) {
    const double most = inspect::largest(values);
    std::vector<std::string> columns = labels(inspected, attention, sentence, true);
    if (!values.empty() && values[0].size() > columns.size())  // merged cross-attention: the source stands behind
      std::ranges::copy(inspected.source_labels(sentence), std::back_inserter(columns));
    findings.maps.push_back({.name = name,
                             .caption = "",
                             .rows = labels(inspected, attention, sentence, false),
                             .columns = std::move(columns),
                             .values = std::move(values),
                             .most = most});
  };
  for (const auto& map : reader.maps()) {
    if (seen.insert(map.attention).second)
      add(map.attention, map.attention + ", mean of its heads",
          inspect::mean_over_heads(reader.maps(), map.attention, 0));
    inspect::Matrix values;
    for (int64_t i = 0; i < map.rows; ++i)
      values.emplace_back(map.weights.begin() + i * map.columns, map.weights.begin() + (i + 1) * map.columns);
    add(map.attention, fmt::format("{}, head {}", map.attention, map.head), std::move(values));
  }
}

inspect::Findings attention(const AttentionFlags& flags) {
  Inspected inspected(flags);
  read_examples(flags, inspected);
  inspect::Findings findings = {.title = "Attention of " + flags.model};
  inspect::Table table = {
      .name = "heads",
      .caption = fmt::format("Mean mass where each head looks, entropy (nats) and distance, over {} sentences:",
                             inspected.examples.size()),
      .columns = {"attention", "head", "diagonal", "previous", "next", "first", "last", "entropy", "distance"}};
  if (!flags.positions.empty()) table.columns.emplace_back("at positions");
  for (const auto& f : inspect::head_figures(inspected.subject(), inspected.examples, flags.at, flags.positions)) {
    table.rows.push_back(
        {f.attention, int64_t{f.head}, f.diagonal, f.previous, f.next, f.first, f.last, f.entropy, f.distance});
    if (!flags.positions.empty()) table.rows.back().emplace_back(f.chosen);
  }
  if (table.rows.empty() && flags.at.empty()) fail_without_attention(flags);
  if (table.rows.empty()) fail_input("--at {}: no attention of the model has that in its name", flags.at);
  findings.tables.push_back(std::move(table));
  if (flags.json || !flags.html.empty()) add_maps(inspected, flags, findings);
  return findings;
}

}  // namespace

void add_inspect_attention(Command& group) {
  auto flags = std::make_shared<AttentionFlags>();
  Command command = group.command("attention", "Where every head looks, with a map of one sentence.");
  add_inspect_flags(command, *flags);
  command.option("--at", flags->at, "Only attentions with this in their name, such as decoder.layers.1.cross");
  command.option("--positions", flags->positions, "Also the mass on these keys, from 0; below 0 from the end");
  command.option("--sentence", flags->sentence, "Which one --html and --json draw").between(1, 1000000).show_default();
  command.flag("--snapshots", flags->snapshots, "How it changed in training: see train.attention_every");
  command.example("echo 'A dog runs.' | heddle inspect attention --model run --at cross --html attention.html");
  command.run([flags] {
    return show(flags->snapshots ? inspect::snapshot_findings(flags->model, flags->at) : attention(*flags), *flags);
  });
}

}  // namespace heddle::app
