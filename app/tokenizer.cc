#include "app/tokenizer.h"

#include "heddle/data/line_reader.h"

namespace heddle::app {

void read_words(const std::string& file, std::vector<std::string>& words) {
  data::LineReader reader(file);
  for (std::string line; reader.next(line);)
    if (!line.empty()) words.push_back(line);
}

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
