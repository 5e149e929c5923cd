#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/threads.h"
#include "heddle/base/interrupt.h"
#include "heddle/base/log.h"
#include "heddle/task/sweep.h"

namespace heddle::app {
namespace {

void print_json(const task::SweepOutcome& outcome) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const task::SweepRow& row : task::rows_of(outcome.results))
    rows.push_back({{"settings", row.first.settings},
                    {"score_name", row.first.score_name},
                    {"mean", row.mean},
                    {"lowest", row.lowest},
                    {"highest", row.highest},
                    {"runs", row.runs},
                    {"cpu_seconds", row.cpu_seconds},
                    {"parameters", row.first.parameters},
                    {"activation_bytes", row.first.activation_bytes}});
  fmt::print("{}\n", nlohmann::ordered_json{{"rows", rows}, {"refused", outcome.refused}}.dump());
}

}  // namespace

void add_sweep_command(Command app) {
  struct Flags {
    task::SweepFlags sweep;
    std::vector<std::string> grid;
    int threads = 0;
    bool json = false;
  };
  auto flags = std::make_shared<Flags>();
  Command command = app.command("sweep", "Train a recipe with every combination of some keys' values, and compare.");
  command.option("recipe", flags->sweep.recipe, "Recipe (TOML)").required();
  command.option("--grid", flags->grid, "key=value,value: a key and all its values; may be given again")
      .required()
      .one_value_each();
  command.option("--seeds", flags->sweep.seeds, "Runs of each combination, with the seeds 1, 2, ...")
      .between(1, 1000)
      .show_default();
  command.option("--set", flags->sweep.overrides, "key=value of every run, in place of the recipe's").one_value_each();
  command.option("--out", flags->sweep.out, "Folder for the runs; started again, a sweep goes on").required();
  command.option("--results", flags->sweep.results, "File of the results; without it results.jsonl in --out");
  add_threads(command, flags->threads);
  command.flag("--json", flags->json, "One JSON object on stdout instead of a table");
  command.example(
      "heddle demo listops --out build/listops\n"
      "heddle sweep recipes/variants/listops.toml --grid model.position=rope,alibi,none --out build/sweep");
  command.run([flags] {
    receive_interrupts();
    use_threads(flags->threads);
    for (const std::string& axis : flags->grid) flags->sweep.axes.push_back(task::parse_axis(axis));
    if (flags->sweep.results.empty()) flags->sweep.results = flags->sweep.out / "results.jsonl";
    const task::SweepOutcome outcome = task::sweep(flags->sweep);
    if (flags->json) print_json(outcome);
    else fmt::print("{}", task::sweep_table(outcome));
    if (outcome.signal == 0) return 0;
    log_info("stopped by signal {}; the same command goes on", outcome.signal);
    return 128 + outcome.signal;
  });
}

}  // namespace heddle::app
