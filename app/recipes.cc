#include <fmt/format.h>

#include "app/commands.h"
#include "app/embedded_recipes.h"
#include "heddle/base/error.h"
#include "heddle/base/nearest.h"

namespace heddle::app {

void add_recipes_command(Command app) {
  auto name = std::make_shared<std::string>();
  Command command = app.group("recipes", "The recipes that come with the program.");
  Command list = command.command("list", "Their names.");
  list.example("heddle recipes list");
  list.run([] {
    for (const EmbeddedRecipe& recipe : embedded_recipes()) fmt::print("{}\n", recipe.name);
    return 0;
  });
  Command show = command.command("show", "One recipe, as TOML.");
  show.option("name", *name, "As `heddle recipes list` prints it").required();
  show.example("heddle recipes show demo/dates > dates.toml");
  show.run([name] {
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
  });
}

}  // namespace heddle::app
