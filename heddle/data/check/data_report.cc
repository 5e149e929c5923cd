#include "heddle/data/check/data_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "heddle/base/error.h"
#include "heddle/data/readers/format.h"

namespace heddle::data {
namespace {

std::unique_ptr<RecordReader> open_part(const DataPart& part, const ReaderOptions& options) {
  return part.parallel ? open_parallel(part.files, options) : open_records(part.files, options);
}

bool is_json(const DataPart& part, const ReaderOptions& options) {
  const Format format = part.parallel ? Format::lines : format_of(part.files[0], options);
  return format == Format::jsonl || format == Format::json;
}

PartReport profile_part(const DataPart& part, const CheckOptions& options) {
  PartReport report = {.split = part.split};
  for (const auto& file : part.files) report.files.push_back(file.string());
  const auto reader = open_part(part, options.reader);
  const bool conll =
      part.files.size() == 1 && !part.parallel && format_of(part.files[0], options.reader) == Format::conll;
  std::vector<ColumnProfile> columns;
  for (const std::string& name : reader->columns()) columns.emplace_back(name, options.profile);
  for (Record record; reader->next(record); ++report.rows)
    for (size_t i = 0; i < columns.size(); ++i)
      columns[i].add(record.all(i), [&](size_t value) {
        return fmt::format("{}:{}", reader->file().string(), record.line + (conll ? static_cast<int64_t>(value) : 0));
      });
  for (ColumnProfile& column : columns) report.columns.push_back(column.finish());
  // Few different words make a column of tokens no column of labels.
  if (conll && report.columns[0].kind == ColumnKind::label) report.columns[0].kind = ColumnKind::text;
  report.broken_lines = reader->broken_lines();
  report.first_broken_line = reader->first_broken_line();
  return report;
}

// Every column is of the kind that it has in the part with the most rows: a small one cannot tell labels from texts.
std::vector<ColumnKind> agree_on_kinds(std::vector<PartReport>& parts) {
  const PartReport largest = *std::ranges::max_element(parts, {}, &PartReport::rows);
  std::vector<ColumnKind> kinds;
  for (const ColumnReport& column : largest.columns) kinds.push_back(column.kind);
  for (PartReport& part : parts)
    for (size_t i = 0; i < kinds.size(); ++i) {
      ColumnReport& column = part.columns[i];
      if (column.kind != ColumnKind::empty) column.kind = kinds[i];
      if (kinds[i] != ColumnKind::label && kinds[i] != ColumnKind::tags) column.classes.clear();
    }
  return kinds;
}

struct Compared {
  std::vector<size_t> texts, labels;
};

// Whether there is nothing but one column of single words, which repeat by nature.
bool is_labels_only(const std::vector<ColumnReport>& columns) {
  return columns.size() == 1 && columns[0].kind == ColumnKind::label &&
         std::ranges::none_of(columns[0].classes,
                              [](const ClassCount& c) { return c.value.find(' ') != c.value.npos; });
}

Compared columns_to_compare(const std::vector<ColumnKind>& kinds, bool labels_only) {
  Compared compared;
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] == ColumnKind::text) compared.texts.push_back(i);
    if (kinds[i] == ColumnKind::label || kinds[i] == ColumnKind::tags) compared.labels.push_back(i);
  }
  if (compared.texts.empty() && !labels_only) {
    compared.labels.clear();
    for (size_t i = 0; i < kinds.size(); ++i) compared.texts.push_back(i);
  }
  return compared;
}

// Rows without any text are no duplicates of each other; an empty line between paragraphs is one.
bool is_blank(const Record& record, const std::vector<size_t>& columns) {
  return std::ranges::all_of(columns, [&](size_t column) {
    return std::ranges::all_of(record.all(column), [](std::string_view value) {
      return value.find_first_not_of(" \t\r\n") == std::string_view::npos;
    });
  });
}

DuplicateReport count_duplicates(const std::vector<DataPart>& parts, const Compared& compared,
                                 const ReaderOptions& options) {
  DuplicateCounter counter(parts.size());
  for (size_t part = 0; part < parts.size(); ++part) {
    const auto reader = open_part(parts[part], options);
    for (Record record; reader->next(record);) {
      const bool blank = is_blank(record, compared.texts);
      if (blank) counter.skip(part);
      else counter.add(part, row_hash(record, compared.texts), row_hash(record, compared.labels));
    }
  }
  return counter.finish();
}

// Where rows lie, by part and row: found by reading once more.
std::map<std::pair<size_t, int64_t>, std::string> places_of(const std::vector<RowPair>& pairs,
                                                            const std::vector<DataPart>& parts,
                                                            const ReaderOptions& options) {
  std::map<std::pair<size_t, int64_t>, std::string> places;
  for (const RowPair& pair : pairs) {
    places[{pair.first_part, pair.first_row}];
    places[{pair.second_part, pair.second_row}];
  }
  for (size_t part = 0; part < parts.size(); ++part) {
    auto wanted = places.lower_bound({part, 0});
    if (wanted == places.end() || wanted->first.first != part) continue;
    const auto reader = open_part(parts[part], options);
    int64_t row = 0;
    for (Record record; reader->next(record) && wanted != places.end() && wanted->first.first == part; ++row)
      if (wanted->first.second == row) (wanted++)->second = fmt::format("{}:{}", reader->file().string(), record.line);
  }
  return places;
}

}  // namespace

SetReport check_data_set(const DataSet& set, const CheckOptions& options) {
  SetReport report = {.name = set.name};
  std::vector<DataPart> readable;
  std::vector<Finding> unreadable;
  CheckOptions columns_of_first = options;
  for (const DataPart& part : set.parts) try {
      report.parts.push_back(profile_part(part, columns_of_first));
      readable.push_back(part);
      // Objects in JSON may lack fields: all parts have the columns of the first.
      columns_of_first.reader.columns_are_needed = false;
      if (is_json(part, options.reader) && columns_of_first.reader.columns.empty())
        for (const ColumnReport& column : report.parts[0].columns)
          columns_of_first.reader.columns.push_back(column.name);
    } catch (const InputError& error) {
      unreadable.push_back({Severity::error, fmt::format("{} cannot be read: {}", name_of(part.split), error.what())});
    }
  const auto same_columns = [&](const PartReport& part) {
    return part.columns.size() == report.parts[0].columns.size();
  };
  if (!readable.empty() && std::ranges::all_of(report.parts, same_columns)) {
    const std::vector<ColumnKind> kinds = agree_on_kinds(report.parts);
    const Compared compared = columns_to_compare(kinds, is_labels_only(report.parts[0].columns));
    for (size_t column : compared.texts) report.compared.push_back(report.parts[0].columns[column].name);
    report.duplicates = count_duplicates(readable, compared, columns_of_first.reader);
    auto places = places_of(report.duplicates.examples, readable, columns_of_first.reader);
    for (const RowPair& pair : report.duplicates.examples)
      report.example_places.push_back(places[{pair.first_part, pair.first_row}] + " = " +
                                      places[{pair.second_part, pair.second_row}]);
  }
  report.findings = find_problems(report, options.profile);
  report.findings.insert(report.findings.begin(), unreadable.begin(), unreadable.end());
  return report;
}

}  // namespace heddle::data
