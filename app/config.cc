#include <fmt/format.h>

#include "app/commands.h"
#include "heddle/model/variants_page.h"
#include "heddle/task/recipe.h"

namespace heddle::app {

void add_config_command(Command app) {
  struct Flags {
    std::string recipe;
    std::vector<std::string> overrides;
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
  variants.example("heddle config variants > docs/variants.md");
  variants.run([] {
    fmt::print("{}", model::variants_page());
    return 0;
  });
}

}  // namespace heddle::app
