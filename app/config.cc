#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "heddle/task/recipe.h"

namespace heddle::app {

void add_config_command(CLI::App& app, Chosen& chosen) {
  struct Flags {
    std::string recipe;
    std::vector<std::string> overrides;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("config", "Show a resolved recipe, or what recipes may say.");
  command->require_subcommand(1);
  CLI::App* show = command->add_subcommand("show", "A recipe with all defaults filled in, as TOML.");
  show->add_option("recipe", flags->recipe, "Recipe (TOML)")->required();
  show->add_option("--set", flags->overrides, "key=value, in place of the recipe's")->allow_extra_args(false);
  show->footer("Example:\n  heddle config show recipes/demo/dates.toml");
  show->callback([flags, &chosen] {
    chosen = [flags] {
      task::Recipe recipe = task::read_recipe(flags->recipe, flags->overrides);
      fmt::print("{}", config_as_toml([&](ConfigVisitor& v) { describe(recipe, v); }));
      return 0;
    };
  });
  const auto describe_all = [](std::string (*writer)(const Describe&)) {
    return [writer] {
      task::Recipe recipe;
      fmt::print("{}", writer([&](ConfigVisitor& v) { describe(recipe, v); }));
      return 0;
    };
  };
  CLI::App* schema = command->add_subcommand("schema", "The JSON schema of recipes.");
  schema->footer("Example:\n  heddle config schema > recipe.schema.json");
  schema->callback([describe_all, &chosen] { chosen = describe_all(config_schema); });
  CLI::App* docs = command->add_subcommand("docs", "All keys, as a Markdown table.");
  docs->footer("Example:\n  heddle config docs > docs/configuration.md");
  docs->callback([describe_all, &chosen] { chosen = describe_all(config_docs); });
}

}  // namespace heddle::app
