#pragma once
// The subcommands of `heddle tokenizer`, one file each.

#include <string>
#include <vector>

#include "app/commands.h"
#include "app/threads.h"

namespace heddle::app {

// Adds the lines of a file that are not empty.
void read_words(const std::string& file, std::vector<std::string>& words);

void add_tokenizer_train_command(Command tokenizer);
void add_tokenizer_extend_command(Command tokenizer);
// encode and decode
void add_tokenizer_encode_commands(Command tokenizer);
void add_tokenizer_convert_command(Command tokenizer);
void add_tokenizer_inspect_command(Command tokenizer);
void add_tokenizer_compare_command(Command tokenizer);

}  // namespace heddle::app
