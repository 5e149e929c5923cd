#include <algorithm>

#include "app/inspect.h"
#include "heddle/inspect/attention_maps.h"
#include "heddle/inspect/head_ablation.h"

namespace heddle::app {
namespace {

inspect::Findings heads(const InspectFlags& flags, const std::string& ablation) {
  Inspected inspected(flags);
  read_examples(flags, inspected);
  const inspect::Subject subject = inspected.subject();
  const auto figures = inspect::head_figures(subject, inspected.examples);
  if (figures.empty()) fail_without_attention(flags);
  const auto whole = inspect::run(subject, inspected.examples);
  const auto losses = inspect::ablate_heads(subject, inspected.examples,
                                            ablation == "mean" ? inspect::Ablation::mean : inspect::Ablation::zeros);
  inspect::Findings findings = {.title = "Heads of " + flags.model};
  inspect::Table table = {
      .name = "heads",
      .caption =
          fmt::format("Where each head looks, and the loss (nats a token) without it; with all it is {:.4f} over {} "
                      "sentences, {} tokens:",
                      whole.mean(), inspected.examples.size(), whole.tokens),
      .columns = {"attention", "head", "diagonal", "previous", "first", "last", "entropy", "distance", "loss without",
                  "difference"}};
  for (const auto& loss : losses) {
    const auto f = std::ranges::find_if(
        figures, [&](const auto& g) { return g.attention == loss.attention && g.head == loss.head; });
    table.rows.push_back({loss.attention, int64_t{loss.head}, f->diagonal, f->previous, f->first, f->last, f->entropy,
                          f->distance, loss.without.mean(), loss.without.mean() - whole.mean()});
  }
  std::ranges::stable_sort(table.rows, std::greater{}, [](const auto& row) { return std::get<double>(row.back()); });
  findings.tables.push_back(std::move(table));
  return findings;
}

}  // namespace

void add_inspect_heads(Command& group) {
  struct Flags : InspectFlags {
    std::string ablation = "zeros";
  };
  auto flags = std::make_shared<Flags>();
  Command command = group.command("heads", "Every head as one line, with the loss when it is taken away.");
  add_inspect_flags(command, *flags);
  command.option("--ablate", flags->ablation, "What takes a head's place").one_of({"zeros", "mean"}).show_default();
  command.example("heddle inspect heads --model run --source valid.en --reference valid.de --lines 50");
  command.run([flags] { return show(heads(*flags, flags->ablation), *flags); });
}

}  // namespace heddle::app
