#include "heddle/data/check/print_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "heddle/report/page.h"

namespace heddle::data {
namespace {

constexpr size_t kClassesShown = 8;

// A row for each power of two: eight heights of a block.
std::string bars(const std::vector<int64_t>& histogram) {
  constexpr const char* kHeights[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const int64_t most = histogram.empty() ? 0 : std::ranges::max(histogram);
  std::string out;
  for (int64_t count : histogram) out += kHeights[most == 0 ? 0 : (count * 8 + most - 1) / most];
  return out;
}

std::string classes_text(const ColumnReport& column) {
  std::string out;
  for (size_t i = 0; i < std::min(column.classes.size(), kClassesShown); ++i)
    out += fmt::format("{}{} {}", i == 0 ? "" : ", ", column.classes[i].value, column.classes[i].count);
  if (column.classes.size() > kClassesShown) out += fmt::format(", … {} classes", column.classes.size());
  return out;
}

std::string about(const ColumnReport& column) {
  switch (column.kind) {
    case ColumnKind::label:
    case ColumnKind::tags: return classes_text(column);
    case ColumnKind::number: return fmt::format("{:.4g} … {:.4g}, mean {:.4g}", column.least, column.most, column.mean);
    case ColumnKind::empty: return "no values";
    default: break;
  }
  std::string out = fmt::format("{} – {} characters, median {}, 99 % to {}", column.shortest, column.longest,
                                column.median_length, column.usual_longest);
  if (column.tokens > 0)
    out += fmt::format("; {} tokens, {} at most, {} rows cut", column.tokens, column.longest_tokens, column.truncated);
  return out;
}

nlohmann::ordered_json json_of(const OddRows& odd) { return {{"rows", odd.rows}, {"first", odd.first_place}}; }

nlohmann::ordered_json json_of(const ColumnReport& column) {
  nlohmann::ordered_json json = {{"name", column.name},
                                 {"kind", name_of(column.kind)},
                                 {"values", column.values},
                                 {"distinct", column.distinct},
                                 {"empty", json_of(column.empty)}};
  json["characters"] = {{"shortest", column.shortest},
                        {"median", column.median_length},
                        {"p99", column.usual_longest},
                        {"longest", column.longest},
                        {"histogram_by_powers_of_two", column.length_histogram}};
  for (size_t i = 0; i < kOddities; ++i)
    if (column.odd[i].rows > 0) json["odd"][std::string(name_of(static_cast<Oddity>(i)))] = json_of(column.odd[i]);
  for (const ClassCount& value : column.classes) json["classes"][value.value] = value.count;
  if (column.kind == ColumnKind::number)
    json["numbers"] = {{"least", column.least}, {"mean", column.mean}, {"most", column.most}};
  if (column.kind == ColumnKind::tags)
    json["tags"] = {{"scheme", column.scheme == TagScheme::bioes ? "BIOES" : "BIO"},
                    {"sentences_with_errors", column.tag_errors}};
  if (column.tokens > 0)
    json["tokens"] = {{"all", column.tokens}, {"longest", column.longest_tokens}, {"truncated_rows", column.truncated}};
  return json;
}

nlohmann::ordered_json json_of(const SetReport& report) {
  nlohmann::ordered_json json = {{"name", report.name}, {"parts", nlohmann::ordered_json::array()}};
  const DuplicateReport& duplicates = report.duplicates;
  for (size_t p = 0; p < report.parts.size(); ++p) {
    const PartReport& part = report.parts[p];
    nlohmann::ordered_json shown = {{"split", name_of(part.split)},
                                    {"files", part.files},
                                    {"rows", part.rows},
                                    {"lines_with_broken_utf8", part.broken_lines}};
    if (p < duplicates.within.size()) {
      shown["duplicates"] = duplicates.within[p];
      shown["contradicting_duplicates"] = duplicates.contradicting[p];
      for (size_t a = 0; a < p; ++a)
        shown["also_in"][std::string(name_of(report.parts[a].split))] = duplicates.leaks[a][p];
    }
    for (const ColumnReport& column : part.columns) shown["columns"].push_back(json_of(column));
    json["parts"].push_back(std::move(shown));
  }
  json["compared_by"] = report.compared;
  json["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : report.findings)
    json["findings"].push_back({{"severity", name_of(finding.severity)}, {"sentence", finding.sentence}});
  return json;
}

report::Tone tone_of(Severity severity) {
  constexpr report::Tone kTones[] = {report::Tone::bad, report::Tone::partly, report::Tone::open};
  return kTones[static_cast<size_t>(severity)];
}

}  // namespace

std::string report_as_text(std::span<const SetReport> reports, bool figures_only) {
  std::string out;
  for (const SetReport& report : reports) {
    out += report.name + "\n";
    for (const PartReport& part : report.parts) {
      out += fmt::format("  {:<6} {} rows\n", name_of(part.split), part.rows);
      for (const ColumnReport& column : part.columns)
        out += fmt::format("    {:<16} {:<7} {}{}\n", column.name, name_of(column.kind), about(column),
                           column.kind == ColumnKind::text ? "  " + bars(column.length_histogram) : "");
    }
    for (const Finding& finding : report.findings)
      if (!figures_only || finding.severity == Severity::error)
        out += fmt::format("  {}: {}\n", name_of(finding.severity), finding.sentence);
    if (report.findings.empty() && !figures_only) out += "  nothing was found\n";
  }
  return out;
}

std::string report_as_json(std::span<const SetReport> reports) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const SetReport& report : reports) json.push_back(json_of(report));
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string report_as_html(std::span<const SetReport> reports) {
  using report::Markup;
  report::Page page("What is in the data");
  for (const SetReport& report : reports) {
    page.heading(report.name);
    std::vector<Markup> findings;
    for (const Finding& finding : report.findings)
      findings.push_back(Markup::badge(name_of(finding.severity), tone_of(finding.severity)) + " " + finding.sentence);
    if (findings.empty()) page.paragraph("Nothing was found.");
    else page.list(findings);
    std::vector<std::vector<Markup>> rows;
    for (const PartReport& part : report.parts)
      for (const ColumnReport& column : part.columns)
        rows.push_back({name_of(part.split), fmt::format("{}", part.rows), Markup::code(column.name),
                        name_of(column.kind), about(column), bars(column.length_histogram)});
    page.table({"split", "rows", "column", "kind", "what", "lengths by powers of two"}, rows, report::Wide::stack);
  }
  return page.finish();
}

}  // namespace heddle::data
