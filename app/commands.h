#pragma once
// The subcommands of `heddle`, one file each.

#include "app/command_line.h"

namespace heddle::app {

void add_train_command(Command app);
void add_translate_command(Command app);
void add_complete_command(Command app);
void add_eval_command(Command app);
void add_metric_command(Command app);
void add_tokenizer_command(Command app);
void add_data_command(Command app);
void add_vectors_command(Command app);
void add_sweep_command(Command app);
void add_info_command(Command app);
void add_config_command(Command app);
void add_recipes_command(Command app);
void add_init_command(Command app);
void add_demo_command(Command app);
void add_einsum_command(Command app);
void add_inspect_command(Command app);
void add_lab_command(Command app);

}  // namespace heddle::app
