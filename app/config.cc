#include <fmt/format.h>

#include "app/commands.h"
#include "heddle/model/variants_page.h"
#include "heddle/task/recipe.h"
#include "heddle/task/sweep.h"

namespace heddle::app {
namespace {

// A file of results as a column, under the file's name.
model::MeasuredTask measured(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) fail_input("{} is not there; heddle sweep --results writes it", file.string());
  model::MeasuredTask task;
  task.name = file.stem().string();
  for (const task::SweepRow& row : task::rows_of(task::read_results(file))) {
    task.score_name = row.first.score_name;
    task.rows.push_back({row.first.settings, row.mean, row.lowest, row.highest, row.runs, row.cpu_seconds});
  }
  return task;
}

}  // namespace

void add_config_command(Command app) {
  struct Flags {
    std::string recipe;
    std::vector<std::string> overrides;
    std::vector<std::string> results;
  };
  auto flags = std::make_shared<Flags>();
  Command command = app.group("config", "Show a resolved recipe, or what recipes may say.");
  Command show = command.command("show", "A recipe with all defaults filled in, as TOML.");
  show.option("recipe", flags->recipe, "Recipe (TOML)").required();
  show.option("--set", flags->overrides, "key=value, in place of the recipe's").one_value_each();
  show.example("heddle config show recipes/demo/dates.toml");
  show.run([flags] {
    task::Recipe recipe = task::read_recipe(flags->recipe, flags->overrides);
    fmt::print("{}", config_as_toml([&](ConfigVisitor& v) { describe(recipe, v); }));
    return 0;
  });
  const auto describe_all = [](std::string (*writer)(const Describe&)) {
    return [writer] {
      task::Recipe recipe;
      fmt::print("{}", writer([&](ConfigVisitor& v) { describe(recipe, v); }));
      return 0;
    };
  };
  Command schema = command.command("schema", "The JSON schema of recipes.");
  schema.example("heddle config schema > recipe.schema.json");
  schema.run(describe_all(config_schema));
  Command docs = command.command("docs", "All keys, as a Markdown table.");
  docs.example("heddle config docs > docs/configuration.md");
  docs.run(describe_all(config_docs));
  Command variants = command.command("variants", "What the values of the architecture's keys mean, as Markdown.");
  variants.option("--results", flags->results, "Files of `heddle sweep --results`: what it measured stands in columns");
  variants.example("heddle config variants --results docs/results/variants/*.jsonl > docs/variants.md");
  variants.run([flags] {
    std::vector<model::MeasuredTask> tasks;
    for (const std::string& file : flags->results) tasks.push_back(measured(file));
    fmt::print("{}", model::variants_page(tasks));
    return 0;
  });
}

}  // namespace heddle::app
