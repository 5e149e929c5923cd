#include "heddle/data/readers/line_records.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/data/readers/format.h"
#include "heddle/data/readers/text_lines.h"

namespace heddle::data {
namespace {

constexpr std::string_view kLabel = "__label__";

class PlainLines : public RecordReader {
 public:
  PlainLines(const std::filesystem::path& file, const std::vector<std::string>& names, const ReadLimits& limits)
      : RecordReader(file), lines_(file, limits) {
    columns_ = names.empty() ? std::vector<std::string>{"text"} : names;
    if (columns_.size() != 1)
      fail_input("{} is read as plain lines, which are one column; {} names are given for it", file.string(),
                 columns_.size());
  }

  bool next(Record& record) override {
    std::string_view line;
    record.clear();
    if (!lines_.next(line)) return false;
    record.line = lines_.line_number();
    record.add_column(line);
    return true;
  }
  int64_t broken_lines() const override { return lines_.broken(); }
  int64_t first_broken_line() const override { return lines_.first_broken(); }

 private:
  TextLines lines_;
};

class LabelledLines : public RecordReader {
 public:
  LabelledLines(const std::filesystem::path& file, const ReadLimits& limits)
      : RecordReader(file), lines_(file, limits) {
    columns_ = {"label", "text"};
  }

  bool next(Record& record) override {
    std::string_view line;
    record.clear();
    if (!lines_.next(line)) return false;
    record.line = lines_.line_number();
    if (!line.starts_with(kLabel))
      fail_input("{}: the line does not begin with {}; expected lines such as \"{}sport The match …\"", lines_.place(),
                 kLabel, kLabel);
    while (line.starts_with(kLabel)) {
      const size_t end = std::min(line.find_first_of(" \t"), line.size());
      if (end == kLabel.size()) fail_input("{}: a label has no name; expected {}NAME", lines_.place(), kLabel);
      record.add(line.substr(kLabel.size(), end - kLabel.size()));
      line.remove_prefix(std::min(line.find_first_not_of(" \t", end), line.size()));
    }
    record.end_column();
    record.add_column(line);
    return true;
  }
  int64_t broken_lines() const override { return lines_.broken(); }
  int64_t first_broken_line() const override { return lines_.first_broken(); }

 private:
  TextLines lines_;
};

// What the plain names have of their own behind the beginning and before the end that they share: "en" of train.en.
std::vector<std::string> names_by_difference(std::span<const std::filesystem::path> files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(std::filesystem::path(plain_name(file)).filename().string());
  size_t front = 0, back = 0;
  const size_t shortest = std::ranges::min(names, {}, &std::string::size).size();
  const auto all_have = [&](auto&& letter) {
    return std::ranges::all_of(names, [&](const std::string& name) { return letter(name) == letter(names[0]); });
  };
  while (front < shortest && all_have([&](const std::string& name) { return name[front]; })) ++front;
  while (front + back < shortest && all_have([&](const std::string& name) { return name[name.size() - 1 - back]; }))
    ++back;
  for (std::string& name : names) name = name.substr(front, name.size() - front - back);
  if (std::ranges::any_of(names, &std::string::empty))
    for (size_t i = 0; i < names.size(); ++i) names[i] = std::to_string(i + 1);
  return names;
}

class ParallelLines : public RecordReader {
 public:
  ParallelLines(std::span<const std::filesystem::path> files, const ReaderOptions& options) : RecordReader(files[0]) {
    for (const auto& file : files) lines_.emplace_back(file, options.limits);
    paths_.assign(files.begin(), files.end());
    columns_ = options.columns.empty() ? names_by_difference(files) : options.columns;
    if (columns_.size() != files.size()) fail_input("{} names are given for {} files", columns_.size(), files.size());
  }

  bool next(Record& record) override {
    record.clear();
    size_t ended = 0;
    for (TextLines& lines : lines_) {
      std::string_view line;
      ended += lines.next(line) ? 0 : 1;
      record.add_column(line);
    }
    record.line = lines_[0].line_number();
    if (ended > 0 && ended < lines_.size()) fail_uneven();
    return ended == 0;
  }
  int64_t broken_lines() const override {
    int64_t sum = 0;
    for (const TextLines& lines : lines_) sum += lines.broken();
    return sum;
  }
  int64_t first_broken_line() const override {
    int64_t first = 0;
    for (const TextLines& lines : lines_)
      if (lines.broken() > 0 && (first == 0 || lines.first_broken() < first)) first = lines.first_broken();
    return first;
  }

 private:
  [[noreturn]] void fail_uneven() {
    std::vector<std::string> counts;
    for (size_t i = 0; i < lines_.size(); ++i) {
      for (std::string_view line; lines_[i].next(line);) {
      }
      counts.push_back(fmt::format("{} has {} lines", paths_[i].string(), lines_[i].line_number()));
    }
    fail_input("{}; line k of one must belong to line k of the others", fmt::join(counts, ", "));
  }

  std::vector<TextLines> lines_;
  std::vector<std::filesystem::path> paths_;
};

}  // namespace

std::unique_ptr<RecordReader> open_lines(const std::filesystem::path& file, const std::vector<std::string>& names,
                                         const ReadLimits& limits) {
  return std::make_unique<PlainLines>(file, names, limits);
}

std::unique_ptr<RecordReader> open_labelled(const std::filesystem::path& file, const ReadLimits& limits) {
  return std::make_unique<LabelledLines>(file, limits);
}

std::unique_ptr<RecordReader> open_parallel(std::span<const std::filesystem::path> files,
                                            const ReaderOptions& options) {
  if (files.size() < 2) fail_input("aligned text needs two files or more; {} given", files.size());
  return std::make_unique<ParallelLines>(files, options);
}

}  // namespace heddle::data
