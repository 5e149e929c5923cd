#include "heddle/data/readers/json_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <deque>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/data/readers/json_path.h"
#include "heddle/data/readers/text_lines.h"

namespace heddle::data {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

static_assert(simdjson::SIMDJSON_PADDING <= LineReader::kPadding);

constexpr int kDeepestGuess = 4;
constexpr size_t kMostGuessed = 256;

using Steps = std::vector<std::string>;

// Whether everything that `steps` from here on lead to was added: false where they lead to nothing.
template <class Add>
bool walk(const element& from, std::span<const std::string> steps, const Add& add) {
  if (steps.empty()) {
    add(from);
    return true;
  }
  const std::string& step = steps[0];
  if (from.is_object()) {
    element inner;
    return from[step].get(inner) == simdjson::SUCCESS && walk(inner, steps.subspan(1), add);
  }
  simdjson::dom::array list;
  if (from.get(list) != simdjson::SUCCESS) return false;
  bool found = step == "*";
  size_t place = 0;
  for (const element inner : list)
    if (step == "*" || step == std::to_string(place++)) found = walk(inner, steps.subspan(1), add) || found;
  return found;
}

std::string escaped(std::string_view key) {
  std::string out;
  for (char c : key) {
    if (c == '.' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// The paths to what an object holds: into objects, and into lists by their first value.
void guess_paths(const element& from, const std::string& path, int depth, std::vector<std::string>& paths) {
  simdjson::dom::object object;
  simdjson::dom::array list;
  const std::string dot = path.empty() ? "" : path + ".";
  if (paths.size() >= kMostGuessed) return;
  if (depth < kDeepestGuess && from.get(object) == simdjson::SUCCESS) {
    for (const auto& field : object)
      if (!field.key.empty()) guess_paths(field.value, dot + escaped(field.key), depth + 1, paths);
  } else if (depth < kDeepestGuess && from.get(list) == simdjson::SUCCESS && list.begin() != list.end()) {
    guess_paths(*list.begin(), dot + "*", depth + 1, paths);
  } else if (!path.empty()) {
    paths.push_back(path);
  }
}

// One object's text into the values of a record.
class ObjectParser {
 public:
  // Parses `text`, behind which LineReader::kPadding bytes may be read; false for what is no JSON.
  bool parse(std::string_view text) {
    error_ = parser_.parse(text.data(), text.size(), false).get(root_);
    return error_ == simdjson::SUCCESS;
  }

  // Throws what was wrong with the text parsed last, if anything.
  void check(const std::string& place) const {
    if (error_ != simdjson::SUCCESS)
      fail_input("{}: this is no valid JSON ({}); expected an object, such as {{\"text\": \"…\"}}", place,
                 simdjson::error_message(error_));
    if (!is_object()) fail_input("{}: expected a JSON object, such as {{\"text\": \"…\"}}", place);
  }
  bool is_object() const { return error_ == simdjson::SUCCESS && root_.is_object(); }

  // The columns, from the object parsed last, which is the first.
  std::vector<std::string> choose(const JsonColumns& wanted, const std::string& place) {
    std::vector<std::string> columns = wanted.paths;
    if (columns.empty()) guess_paths(root_, "", 0, columns);
    for (const std::string& path : columns) {
      steps_.push_back(json_path(path));
      if (wanted.needed && !wanted.paths.empty() && !walk(root_, steps_.back(), [](const element&) {}))
        fail_input("{}: the first object has no {}; it has {}", place, path, known());
    }
    return columns;
  }

  void fill(Record& record) {
    record.clear();
    used_ = 0;
    for (const Steps& steps : steps_) {
      walk(root_, steps, [&](const element& value) {
        if (!value.is_null()) record.add(text_of(value));
      });
      record.end_column();
    }
  }

 private:
  std::string known() const {
    std::vector<std::string> paths;
    guess_paths(root_, "", 0, paths);
    return fmt::format("{}", fmt::join(paths, ", "));
  }

  std::string_view text_of(const element& value) {
    if (value.type() == element_type::STRING) return value.get_string().value_unsafe();
    if (used_ == made_.size()) made_.emplace_back();
    std::string& made = made_[used_++];
    switch (value.type()) {
      case element_type::INT64: made = std::to_string(value.get_int64().value_unsafe()); break;
      case element_type::UINT64: made = std::to_string(value.get_uint64().value_unsafe()); break;
      case element_type::DOUBLE: made = fmt::format("{}", value.get_double().value_unsafe()); break;
      case element_type::BOOL: made = value.get_bool().value_unsafe() ? "true" : "false"; break;
      default: made = simdjson::minify(value);
    }
    return made;
  }

  simdjson::dom::parser parser_;
  element root_;
  simdjson::error_code error_ = simdjson::SUCCESS;
  std::vector<Steps> steps_;
  std::deque<std::string> made_;  // values that are no strings in the file; used_ of them in this record
  size_t used_ = 0;
};

class JsonLinesReader : public RecordReader {
 public:
  JsonLinesReader(const std::filesystem::path& file, const JsonColumns& columns, const ReadLimits& limits)
      : RecordReader(file), lines_(file, limits) {
    has_first_ = next_object();
    if (!has_first_) fail_input("{} is empty; expected a JSON object a line", file.string());
    columns_ = object_.choose(columns, lines_.place());
  }

  bool next(Record& record) override {
    if (!has_first_ && !next_object()) return false;
    has_first_ = false;
    object_.fill(record);
    record.line = lines_.line_number();
    return true;
  }
  int64_t broken_lines() const override { return lines_.broken(); }
  int64_t first_broken_line() const override { return lines_.first_broken(); }

 private:
  // Empty lines, such as one at the end, are no objects.
  bool next_object() {
    std::string_view line;
    do
      if (!lines_.next_unchecked(line)) return false;
    while (line.find_first_not_of(" \t") == std::string_view::npos);
    // simdjson refuses broken UTF-8, so only what it refuses is looked at.
    if (!object_.parse(line) && lines_.repair(line)) object_.parse(line);
    if (!object_.is_object()) object_.check(lines_.place());
    return true;
  }

  TextLines lines_;
  ObjectParser object_;
  bool has_first_ = false;
};

// A whole file of JSON; its objects are cut out first, so that each has its line.
class JsonFileReader : public RecordReader {
 public:
  JsonFileReader(const std::filesystem::path& file, const JsonColumns& columns, const ReadLimits& limits)
      : RecordReader(file) {
    read_text(limits);
    cut_objects();
    if (objects_.empty()) fail_input("{} has no objects; expected a list of them, or one", file.string());
    parse(objects_[0]);
    columns_ = object_.choose(columns, place(line_));
  }

  bool next(Record& record) override {
    if (at_ == objects_.size()) return false;
    const std::string_view object = objects_[at_++];
    line_ += std::count(counted_, object.data(), '\n');
    counted_ = object.data();
    parse(object);
    object_.fill(record);
    record.line = line_;
    return true;
  }
  int64_t broken_lines() const override { return broken_; }
  int64_t first_broken_line() const override { return first_broken_; }

 private:
  void read_text(const ReadLimits& limits) {
    ReadLimits whole = limits;
    whole.longest_line = kLargestJsonFile;
    TextLines lines(file_, whole);
    for (std::string_view line; lines.next(line); text_ += '\n') {
      text_ += line;
      if (std::ssize(text_) > kLargestJsonFile)
        fail_input("{} is larger than {} bytes; larger data are read as JSON lines, an object a line", file_.string(),
                   kLargestJsonFile);
    }
    broken_ = lines.broken();
    first_broken_ = lines.first_broken();
    text_.reserve(text_.size() + LineReader::kPadding);
    counted_ = text_.data();
  }

  void cut_objects() {
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::array list;
    const size_t start = std::min(text_.find_first_not_of(" \t\n"), text_.size());
    if (text_.compare(start, 1, "[") != 0) {
      objects_.push_back(std::string_view(text_).substr(start));
      return;
    }
    auto error = parser.iterate(text_.data(), text_.size(), text_.capacity()).get(document);
    if (error == simdjson::SUCCESS) error = document.get_array().get(list);
    if (error != simdjson::SUCCESS) fail(error);
    for (auto item : list) {
      simdjson::ondemand::object object;
      std::string_view text;
      error = item.get_object().get(object);
      if (error == simdjson::SUCCESS) error = object.raw_json().get(text);
      if (error != simdjson::SUCCESS) fail(error);
      objects_.push_back(text);
    }
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS) fail(simdjson::TRAILING_CONTENT);
  }

  [[noreturn]] void fail(simdjson::error_code error) const {
    fail_input("{}: this is no valid JSON ({}) behind object {}; expected a list of objects", file_.string(),
               simdjson::error_message(error), objects_.size());
  }
  void parse(std::string_view object) {
    object_.parse(object);
    object_.check(place(line_));
  }
  std::string place(int64_t line) const { return fmt::format("{}:{}", file_.string(), line); }

  std::string text_;
  std::vector<std::string_view> objects_;
  ObjectParser object_;
  size_t at_ = 0;
  int64_t line_ = 1, broken_ = 0, first_broken_ = 0;
  const char* counted_ = nullptr;  // up to where line ends are counted in line_
};

}  // namespace

std::unique_ptr<RecordReader> open_jsonl(const std::filesystem::path& file, const JsonColumns& columns,
                                         const ReadLimits& limits) {
  return std::make_unique<JsonLinesReader>(file, columns, limits);
}

std::unique_ptr<RecordReader> open_json(const std::filesystem::path& file, const JsonColumns& columns,
                                        const ReadLimits& limits) {
  return std::make_unique<JsonFileReader>(file, columns, limits);
}

}  // namespace heddle::data
