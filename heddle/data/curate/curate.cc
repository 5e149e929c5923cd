#include "heddle/data/curate/curate.h"

#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/data/check/data_report.h"
#include "heddle/data/readers/format.h"
#include "heddle/data/sampling/class_sampling.h"

namespace heddle::data {
namespace {

// The rows of a file as numbers: where each begins, and the hash of what makes it the same as others.
struct Rows {
  std::vector<int64_t> begin;  // line, comments included
  std::vector<uint64_t> text;
  std::vector<uint64_t> label;  // of the column to stratify by, if any
};

void check_rows_are_lines(const std::filesystem::path& file, const ReaderOptions& options) {
  const Format format = format_of(file, options);
  if (format == Format::json || format == Format::images)
    fail_input("{} is {}, whose rows are no lines of their own; write JSON lines", file.string(), name_of(format));
}

// Those of text; where there is none, all.
std::vector<std::string> compared_columns(const std::filesystem::path& file, const SameBy& same,
                                          const ReaderOptions& options) {
  if (!same.columns.empty()) return same.columns;
  const SetReport report = check_data_set({file.string(), {{Split::none, {file}}}}, {.reader = options});
  if (!report.compared.empty()) return report.compared;
  for (const Finding& finding : report.findings)
    if (finding.severity == Severity::error) fail_input("{}", finding.sentence);
  return open_records(file, options)->columns();
}

Rows read_rows(const std::filesystem::path& file, const std::vector<std::string>& by, const std::string& label,
               const ReaderOptions& options) {
  const auto reader = open_records(file, options);
  std::vector<size_t> columns, labels;
  for (const std::string& name : by) columns.push_back(reader->column(name));
  if (!label.empty()) labels.push_back(reader->column(label));
  Rows rows;
  for (Record record; reader->next(record);) {
    rows.begin.push_back(record.line - record.comments);
    rows.text.push_back(row_hash(record, columns));
    rows.label.push_back(row_hash(record, labels));
  }
  return rows;
}

// Calls line(row, text) for each line; row is −1 before the first one.
void each_line(const std::filesystem::path& file, const Rows& rows, const ReaderOptions& options,
               const std::function<void(int64_t row, std::string_view text)>& line) {
  LineReader reader(file, options.limits);
  int64_t row = -1;
  for (std::string_view text; reader.next(text);) {
    while (row + 1 < std::ssize(rows.begin) && reader.line_number() >= rows.begin[static_cast<size_t>(row + 1)]) ++row;
    line(row, text);
  }
}

// A part for each row; equal rows have the same.
std::vector<int32_t> parts_of(const Rows& rows, const std::vector<double>& fractions, uint64_t seed) {
  std::unordered_map<uint64_t, size_t> group_of_text;
  std::unordered_map<uint64_t, int32_t> number_of_label;
  std::vector<size_t> group(rows.text.size());
  std::vector<int32_t> label_of_group;
  for (size_t i = 0; i < rows.text.size(); ++i) {
    const auto [found, is_new] = group_of_text.try_emplace(rows.text[i], label_of_group.size());
    group[i] = found->second;
    if (!is_new) continue;
    const auto number = static_cast<int32_t>(number_of_label.size());
    label_of_group.push_back(number_of_label.try_emplace(rows.label[i], number).first->second);
  }
  const auto part_of_group = stratified_parts(label_of_group, fractions, RandomKey{.seed = seed}.at("data.split"));
  std::vector<int32_t> parts;
  for (size_t g : group) parts.push_back(part_of_group[g]);
  return parts;
}

}  // namespace

SplitCounts split_file(const std::filesystem::path& file, const std::filesystem::path& folder,
                       const SplitShares& shares, const SameBy& same, const ReaderOptions& options) {
  if (!(shares.valid > 0) || !(shares.test >= 0) || shares.valid + shares.test >= 1)
    fail_input(
        "{} of the rows for validation and {} for testing; expected a share above 0, another that is 0 or more, and "
        "both together below 1, so that some are left to train on",
        shares.valid, shares.test);
  check_rows_are_lines(file, options);
  const Rows rows = read_rows(file, compared_columns(file, same, options), shares.stratify, options);
  std::vector<double> fractions = {1 - shares.valid - shares.test, shares.valid};
  if (shares.test > 0) fractions.push_back(shares.test);
  const std::vector<int32_t> parts = parts_of(rows, fractions, shares.seed);
  for (size_t p = 0; p < fractions.size(); ++p)
    if (std::ranges::find(parts, static_cast<int32_t>(p)) == parts.end())
      fail_input("{} has {} rows, of which none is left for {}; give more rows, or other shares", file.string(),
                 parts.size(), name_of(static_cast<Split>(p)));
  std::filesystem::create_directories(folder);
  const std::string ending = std::filesystem::path(plain_name(file)).extension().string();
  const auto file_of = [&](Split split) { return folder / (std::string(name_of(split)) + ending); };
  if (shares.test == 0 && std::filesystem::exists(file_of(Split::test)))
    fail_input("{} is of an earlier split, whose rows the new parts would have again; remove it, or give --test",
               file_of(Split::test).string());
  std::vector<std::unique_ptr<AtomicFile>> out;
  for (size_t p = 0; p < fractions.size(); ++p)
    out.push_back(std::make_unique<AtomicFile>(file_of(static_cast<Split>(p))));
  each_line(file, rows, options, [&](int64_t row, std::string_view text) {
    for (size_t p = 0; p < out.size(); ++p) {
      if (row >= 0 && parts[static_cast<size_t>(row)] != static_cast<int32_t>(p)) continue;
      out[p]->write(text);
      out[p]->write("\n");
    }
  });
  for (const auto& part : out) part->commit();
  std::vector<int64_t> counts(3);
  for (int32_t part : parts) ++counts[static_cast<size_t>(part)];
  return {counts[0], counts[1], counts[2]};
}

DedupCounts dedup_file(const std::filesystem::path& file, const std::filesystem::path& out,
                       const std::vector<std::filesystem::path>& others, const SameBy& same,
                       const ReaderOptions& options) {
  if (plain_name(out) != out.string())
    fail_input("{} would be written as plain text; name it {}", out.string(), plain_name(out));
  check_rows_are_lines(file, options);
  for (const auto& other : others) check_rows_are_lines(other, options);
  const std::vector<std::string> by = compared_columns(file, same, options);
  std::unordered_set<uint64_t> elsewhere, seen;
  for (const auto& other : others)
    for (uint64_t text : read_rows(other, by, "", options).text) elsewhere.insert(text);
  const Rows rows = read_rows(file, by, "", options);
  DedupCounts counts;
  std::vector<bool> keep;
  for (uint64_t text : rows.text) {
    const bool in_others = elsewhere.contains(text), repeated = !in_others && !seen.insert(text).second;
    counts.in_others += in_others;
    counts.repeated += repeated;
    keep.push_back(!in_others && !repeated);
  }
  counts.kept = std::ssize(rows.text) - counts.in_others - counts.repeated;
  AtomicFile written(out);
  each_line(file, rows, options, [&](int64_t row, std::string_view text) {
    if (row >= 0 && !keep[static_cast<size_t>(row)]) return;
    written.write(text);
    written.write("\n");
  });
  written.commit();
  return counts;
}

}  // namespace heddle::data
