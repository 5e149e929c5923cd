#include "heddle/lab/site.h"

#include <fmt/format.h>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/report/heatmap.h"
#include "heddle/report/line_chart.h"
#include "heddle/report/page.h"

namespace heddle::lab {
namespace {

std::string with_interval(const std::vector<double>& values) {
  const Interval interval = interval_of(values);
  return fmt::format("{} ({} … {})", number_text(interval.mean), number_text(interval.low), number_text(interval.high));
}

void add_table(report::Page& page, const Table& table, Language language) {
  std::vector<std::string> header = {table.title.in(language)};
  header.insert(header.end(), table.columns.begin(), table.columns.end());
  std::vector<std::vector<report::Markup>> rows;
  for (const std::string& row : table.rows) {
    rows.push_back({report::Markup(row)});
    for (const std::string& column : table.columns) {
      const auto cell = table.cells.find({row, column});
      rows.back().push_back(cell == table.cells.end() ? report::Markup() : with_interval(cell->second));
    }
  }
  page.table(header, rows);
}

void add_chart(report::Page& page, const Chart& chart, Language language) {
  std::vector<report::Series> series;
  for (const std::string& name : chart.series) {
    report::Series curve{name, {}, {}};
    for (const auto& [x, values] : chart.points.at(name)) {
      curve.x.push_back(x);
      curve.y.push_back(interval_of(values).mean);
    }
    series.push_back(curve);
  }
  page.figure(report::line_chart(chart.title.in(language), chart.x_label, chart.y_label, series),
              chart.title.in(language));
}

std::string row_page(const RowResult& result, Language language) {
  const Experiment& one = experiment(result.row);
  report::Page page(fmt::format("{}. {}", result.row, one.question.in(language)));
  page.paragraph(sentence_of(result.judgement.verdict, language));
  for (const Table& table : result.pictures.tables) add_table(page, table, language);
  for (const Chart& chart : result.pictures.charts) add_chart(page, chart, language);
  for (const Heatmap& map : result.pictures.heatmaps)
    page.figure(report::heatmap(map.title.in(language), map.rows, map.columns, map.values), map.title.in(language));
  return page.finish();
}

}  // namespace

void write_site(const std::filesystem::path& folder, const std::vector<RowResult>& results) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    fail_system("cannot create the folder {}: {}; choose another with --out", folder.string(), error.message());
  for (const RowResult& result : results) {
    write_file_atomic(folder / fmt::format("{:03}.html", result.row), row_page(result, Language::en));
    write_file_atomic(folder / fmt::format("{:03}.zh.html", result.row), row_page(result, Language::zh));
  }
}

}  // namespace heddle::lab
