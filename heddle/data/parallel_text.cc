#include "heddle/data/parallel_text.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/data/line_reader.h"
#include "heddle/text/utf8.h"

namespace heddle::data {
namespace {

std::vector<std::string> split_tabs(const std::string& line) {
  std::vector<std::string> fields;
  size_t from = 0;
  for (size_t tab; (tab = line.find('\t', from)) != std::string::npos; from = tab + 1)
    fields.push_back(line.substr(from, tab - from));
  fields.push_back(line.substr(from));
  return fields;
}

size_t column_of(const std::vector<std::string>& names, const std::string& wanted, const LineReader& reader) {
  const auto found = std::ranges::find(names, wanted);
  if (found == names.end())
    fail_input("{}:1: no column is named \"{}\"; the columns are: {}", reader.file().string(), wanted, fmt::join(names, ", "));
  return static_cast<size_t>(found - names.begin());
}

std::vector<TextPair> read_tsv(const ParallelFiles& files) {
  LineReader reader(files.source);
  std::string line;
  if (!reader.next(line)) fail_input("{} is empty; expected a TSV with a header", files.source.string());
  const std::vector<std::string> names = split_tabs(line);
  const size_t source = column_of(names, files.source_column, reader);
  const size_t target = column_of(names, files.target_column, reader);
  std::vector<TextPair> pairs;
  while (reader.next(line)) {
    std::vector<std::string> fields = split_tabs(line);
    if (fields.size() != names.size())
      fail_input("{}:{}: {} columns, but the header has {}", files.source.string(), reader.line_number(), fields.size(), names.size());
    pairs.push_back({std::move(fields[source]), std::move(fields[target])});
  }
  return pairs;
}

std::vector<TextPair> read_two_files(const ParallelFiles& files) {
  LineReader source(files.source), target(files.target);
  std::vector<TextPair> pairs;
  TextPair pair;
  for (;;) {
    const bool more_source = source.next(pair.source), more_target = target.next(pair.target);
    if (more_source != more_target) {
      while (source.next(pair.source)) {}
      while (target.next(pair.target)) {}
      fail_input("{} has {} lines but {} has {}; line k of one must translate line k of the other", files.source.string(),
                 source.line_number(), files.target.string(), target.line_number());
    }
    if (!more_source) return pairs;
    pairs.push_back(pair);
  }
}

}  // namespace

std::filesystem::path find_data_file(const std::filesystem::path& directory, const std::string& name) {
  for (const char* ending : {"", ".gz", ".zst"}) {
    const std::filesystem::path file = directory / (name + ending);
    std::error_code error;
    if (std::filesystem::exists(file, error)) return file;
  }
  fail_input("no file {}, {}.gz or {}.zst in {}; set data.dir to the folder with the data", name, name, name,
             directory.string());
}

std::vector<TextPair> read_parallel(const ParallelFiles& files, const std::function<void(const std::string&)>& warn) {
  std::vector<TextPair> pairs = files.target.empty() ? read_tsv(files) : read_two_files(files);
  if (pairs.empty()) fail_input("{} has no lines; expected at least one sentence pair", files.source.string());
  int64_t broken = 0;
  for (TextPair& pair : pairs)
    for (std::string* text : {&pair.source, &pair.target})
      if (!text::is_valid_utf8(*text)) {
        *text = text::repair_utf8(*text);
        ++broken;
      }
  if (broken > 0) warn(fmt::format("{}: {} lines are not UTF-8; their broken bytes are read as U+FFFD", files.source.string(), broken));
  return pairs;
}

}  // namespace heddle::data
