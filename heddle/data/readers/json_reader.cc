#include "heddle/data/readers/json_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/data/readers/json_row.h"
#include "heddle/data/readers/text_lines.h"

namespace heddle::data {
namespace {

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
    if (!object_.fill(record)) object_.fail(lines_.place());
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
    if (!object_.is_object()) object_.fail(lines_.place());
    return true;
  }

  TextLines lines_;
  JsonRow object_;
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
    if (!object_.fill(record)) object_.fail(place(line_));
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
    if (!object_.is_object()) object_.fail(place(line_));
  }
  std::string place(int64_t line) const { return fmt::format("{}:{}", file_.string(), line); }

  std::string text_;
  std::vector<std::string_view> objects_;
  JsonRow object_;
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
