
#include "app/commands.h"
#include "app/threads.h"
#include "heddle/base/interrupt.h"
#include "heddle/base/log.h"
#include "heddle/task/train_recipe.h"

namespace heddle::app {

void add_train_command(Command app) {
  struct Flags {
    std::string recipe;
    std::vector<std::string> overrides;
    int threads = 0;
    task::TrainFlags train;
  };
  auto flags = std::make_shared<Flags>();
  Command command = app.command("train", "Train a model as a recipe says.");
  command.option("recipe", flags->recipe, "Recipe (TOML)").required();
  command.option("--out", flags->train.out, "Folder for the model and its checkpoints").required();
  command.option("--set", flags->overrides, "key=value, in place of the recipe's").one_value_each();
  command.flag("--resume", flags->train.resume, "Go on from the newest checkpoint that verifies");
  command.flag("--overwrite", flags->train.overwrite, "Start again in a folder that holds a run");
  add_threads(command, flags->threads);
  command.flag("--dry-run", flags->train.dry_run, "Read everything, print shapes and memory, run one step");
  command.example("heddle train recipes/translate/multi30k_en_de.toml --out run --set data.dir=data/multi30k");
  command.run([flags] {
    receive_interrupts();
    task::Recipe recipe = task::read_recipe(flags->recipe, flags->overrides);
    if (flags->threads > 0) recipe.train.threads = flags->threads;
    const train::Outcome outcome = task::train_recipe(recipe, flags->train);
    if (outcome.signal != 0) {
      log_info("stopped by signal {} after step {}; go on with --resume", outcome.signal, outcome.state.step);
      return 128 + outcome.signal;
    }
    return outcome.last_save_failed ? 1 : 0;
  });
}

}  // namespace heddle::app
