#pragma once
// The subcommands of `heddle`, one file each.

#include <functional>

namespace CLI {
class App;
}

namespace heddle::app {

// A command's body returns the exit code; main() runs the one that was chosen.
using Chosen = std::function<int()>;

void add_train_command(CLI::App& app, Chosen& chosen);
void add_translate_command(CLI::App& app, Chosen& chosen);
void add_eval_command(CLI::App& app, Chosen& chosen);
void add_metric_command(CLI::App& app, Chosen& chosen);
void add_tokenizer_command(CLI::App& app, Chosen& chosen);
void add_info_command(CLI::App& app, Chosen& chosen);
void add_config_command(CLI::App& app, Chosen& chosen);
void add_recipes_command(CLI::App& app, Chosen& chosen);
void add_init_command(CLI::App& app, Chosen& chosen);
void add_demo_command(CLI::App& app, Chosen& chosen);
void add_lab_command(CLI::App& app, Chosen& chosen);

}  // namespace heddle::app
