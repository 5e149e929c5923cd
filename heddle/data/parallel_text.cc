#include "heddle/data/parallel_text.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/data/line_reader.h"
#include "heddle/text/utf8.h"

namespace heddle::data {
namespace {

std::vector<std::string_view> split_tabs(std::string_view line) {
  std::vector<std::string_view> fields;
  size_t from = 0;
  for (size_t tab; (tab = line.find('\t', from)) != std::string_view::npos; from = tab + 1)
    fields.push_back(line.substr(from, tab - from));
  fields.push_back(line.substr(from));
  return fields;
}

// A column given by its number, from 1.
std::optional<size_t> column_number(std::string_view name) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = error == std::errc() && end == name.data() + name.size();
  return whole && number > 0 ? std::optional(number - 1) : std::nullopt;
}

struct Columns {
  size_t source = 0, target = 0, count = 0;
  bool named = false;  // the first line has names, not a pair
};

size_t find_column(const std::vector<std::string_view>& names, const std::string& wanted,
                   const std::filesystem::path& file) {
  const auto found = std::ranges::find(names, wanted);
  if (found == names.end())
    fail_input(
        "{}:1: no column is named \"{}\"; the columns are: {}. Give data.source_column and "
        "data.target_column one of these, or numbers from 1 if the file has no such line",
        file.string(), wanted, fmt::join(names, ", "));
  return static_cast<size_t>(found - names.begin());
}

Columns find_columns(std::string_view first_line, const ParallelFiles& files) {
  const std::vector<std::string_view> names = split_tabs(first_line);
  const auto source = column_number(files.source_column);
  const auto target = column_number(files.target_column);
  const bool has_name = std::ranges::find(names, files.source_column) != names.end();
  if (!source || !target || has_name)
    return {.source = find_column(names, files.source_column, files.source),
            .target = find_column(names, files.target_column, files.source),
            .count = names.size(),
            .named = true};
  if (std::max(*source, *target) >= names.size())
    fail_input("{}:1: {} columns, but column {} is asked for; numbers count from 1", files.source.string(),
               names.size(), std::max(*source, *target) + 1);
  return {.source = *source, .target = *target, .count = names.size(), .named = false};
}

std::vector<TextPair> read_tsv(const ParallelFiles& files) {
  LineReader reader(files.source);
  std::string line;
  if (!reader.next(line)) fail_input("{} is empty; expected lines with tab-separated columns", files.source.string());
  const Columns columns = find_columns(line, files);
  std::vector<TextPair> pairs;
  for (bool more = columns.named ? reader.next(line) : true; more; more = reader.next(line)) {
    const std::vector<std::string_view> fields = split_tabs(line);
    if (fields.size() != columns.count)
      fail_input("{}:{}: {} columns, but the first line has {}; a tab inside a text must go", files.source.string(),
                 reader.line_number(), fields.size(), columns.count);
    pairs.push_back({std::string(fields[columns.source]), std::string(fields[columns.target])});
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
      while (source.next(pair.source)) {
      }
      while (target.next(pair.target)) {
      }
      fail_input("{} has {} lines but {} has {}; line k of one must translate line k of the other",
                 files.source.string(), source.line_number(), files.target.string(), target.line_number());
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
  if (broken > 0)
    warn(fmt::format("{}: {} lines are not UTF-8; their broken bytes are read as U+FFFD", files.source.string(),
                     broken));
  return pairs;
}

}  // namespace heddle::data
