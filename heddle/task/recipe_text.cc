#include "heddle/task/recipe_text.h"

#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/data/line_reader.h"

namespace heddle::task {

std::vector<data::TextPair> read_pairs(const data::ParallelFiles& files) {
  return data::read_parallel(files, [](const std::string& why) { log_warning("{}", why); });
}

std::vector<data::TextPair> read_pairs(const DataConfig& config, const std::string& source, const std::string& target) {
  return read_pairs({data::find_data_file(config.dir, source),
                     target.empty() ? std::filesystem::path() : data::find_data_file(config.dir, target),
                     config.source_column, config.target_column});
}

std::vector<data::TextPair> read_training_pairs(const DataConfig& config) {
  std::vector<data::TextPair> pairs = read_pairs(config, config.train_source, config.train_target);
  if (config.train_lines > 0 && std::ssize(pairs) > config.train_lines)
    pairs.resize(static_cast<size_t>(config.train_lines));
  return pairs;
}

std::string read_whole(const std::filesystem::path& file) {
  data::LineReader reader(file);
  std::string text;
  for (std::string_view line; reader.next(line);) {
    text += line;
    text += '\n';
  }
  if (text.empty()) fail_input("{} is empty; a language model needs text", reader.file().string());
  return text;
}

}  // namespace heddle::task
