#include "app/tokenizer.h"

namespace heddle::app {

void add_tokenizer_command(Command app) {
  Command command = app.group("tokenizer", "Train a tokenizer, or use one.");
  add_tokenizer_train_command(command);
  add_tokenizer_extend_command(command);
  add_tokenizer_encode_commands(command);
  add_tokenizer_convert_command(command);
  add_tokenizer_inspect_command(command);
  add_tokenizer_compare_command(command);
}

}  // namespace heddle::app
