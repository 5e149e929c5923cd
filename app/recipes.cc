#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/embedded_recipes.h"
#include "heddle/base/error.h"
#include "heddle/base/nearest.h"

namespace heddle::app {

void add_recipes_command(CLI::App& app, Chosen& chosen) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("recipes", "The recipes that come with the program.");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "Their names.");
  list->footer("Example:\n  heddle recipes list");
  list->callback([&chosen] {
    chosen = [] {
      for (const EmbeddedRecipe& recipe : embedded_recipes()) fmt::print("{}\n", recipe.name);
      return 0;
    };
  });
  CLI::App* show = command->add_subcommand("show", "One recipe, as TOML.");
  show->add_option("name", *name, "As `heddle recipes list` prints it")->required();
  show->footer("Example:\n  heddle recipes show demo/dates > dates.toml");
  show->callback([name, &chosen] {
    chosen = [name] {
      std::vector<std::string> names;
      for (const EmbeddedRecipe& recipe : embedded_recipes()) {
        if (recipe.name == *name) {
          fmt::print("{}", recipe.text);
          return 0;
        }
        names.emplace_back(recipe.name);
      }
      const std::string near = nearest_name(*name, names);
      fail_input("there is no recipe {}; {}", *name,
                 near.empty() ? "see heddle recipes list" : "did you mean " + near + "?");
    };
  });
}

}  // namespace heddle::app
