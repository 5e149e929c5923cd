#include "heddle/inspect/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "heddle/base/utf8.h"
#include "heddle/report/heatmap.h"
#include "heddle/report/page.h"

namespace heddle::inspect {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* number = std::get_if<int64_t>(&cell)) return std::to_string(*number);
  const double value = std::get<double>(cell);
  return std::abs(value) >= 0.0005 || value == 0 ? fmt::format("{:.3f}", value) : fmt::format("{:.1e}", value);
}

size_t letters(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); ++count) at += static_cast<size_t>(read_code_point(text, at).length);
  return count;
}

std::string table_as_text(const Table& table) {
  std::vector<size_t> width;
  for (const std::string& column : table.columns) width.push_back(letters(column));
  for (const auto& row : table.rows)
    for (size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], letters(text_of(row[c])));
  std::string text = table.caption + "\n";
  const auto put = [&](size_t c, const std::string& value, bool left) {
    const std::string space(width[c] - letters(value), ' ');
    text += "  " + (left ? value + (c + 1 < width.size() ? space : "") : space + value);
  };
  const auto is_text = [&](size_t c) { return table.rows.empty() || table.rows[0][c].index() == 0; };
  for (size_t c = 0; c < table.columns.size(); ++c) put(c, table.columns[c], is_text(c));
  text += "\n";
  for (const auto& row : table.rows) {
    for (size_t c = 0; c < row.size(); ++c) put(c, text_of(row[c]), is_text(c));
    text += "\n";
  }
  return text + "\n";
}

Json json_of(const Cell& cell) {
  return std::visit([](const auto& value) { return Json(value); }, cell);
}

void add_table(report::Page& page, const Table& table) {
  std::vector<std::vector<report::Markup>> rows;
  for (const auto& row : table.rows) {
    auto& cells = rows.emplace_back();
    for (const Cell& cell : row) cells.emplace_back(report::Markup::unbroken(text_of(cell)));
  }
  page.paragraph(table.caption);
  page.table(table.columns, rows);
}

void add_map(report::Page& page, const Map& map) {
  Matrix shares = map.values;
  for (auto& row : shares)
    for (double& value : row) value = map.most > 0 ? value / map.most : 0;
  const std::string scale = map.most == 1 ? "" : fmt::format("darkest {:.3g}", map.most);
  std::string caption = map.name;
  for (const std::string& part : {map.caption, scale})
    if (!part.empty()) caption += (caption == map.name ? ": " : "; ") + part;
  page.figure(report::heatmap(map.name, map.rows, map.columns, shares, false), caption, report::Fit::scale);
}

}  // namespace

double largest(const Matrix& matrix) {
  double most = 0;
  for (const auto& row : matrix)
    for (const double value : row) most = std::max(most, value);
  return most;
}

std::string as_text(const Findings& findings) {
  std::string text;
  for (const Table& table : findings.tables) text += table_as_text(table);
  for (const std::string& note : findings.notes) text += note + "\n";
  return text;
}

std::string as_json(const Findings& findings) {
  Json json = {{"title", findings.title}};
  for (const Table& table : findings.tables) {
    Json rows = Json::array();
    for (const auto& row : table.rows) {
      Json object = Json::object();
      for (size_t c = 0; c < row.size(); ++c) object[table.columns[c]] = json_of(row[c]);
      rows.push_back(std::move(object));
    }
    json[table.name] = std::move(rows);
  }
  Json maps = Json::array();
  for (const Map& map : findings.maps)
    maps.push_back({{"name", map.name}, {"rows", map.rows}, {"columns", map.columns}, {"values", map.values}});
  if (!maps.empty()) json["maps"] = std::move(maps);
  Json charts = Json::array();
  for (const Chart& chart : findings.charts)
    for (const report::Series& series : chart.series)
      charts.push_back({{"chart", chart.name}, {"series", series.name}, {"x", series.x}, {"y", series.y}});
  if (!charts.empty()) json["charts"] = std::move(charts);
  if (!findings.notes.empty()) json["notes"] = findings.notes;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string as_html(const Findings& findings) {
  report::Page page(findings.title);
  for (const std::string& note : findings.notes) page.note(note);
  for (const Table& table : findings.tables) add_table(page, table);
  if (!findings.charts.empty())
    page.group(report::Group::columns, [&] {
      for (const Chart& chart : findings.charts)
        page.figure(report::line_chart(chart.name, chart.x_label, chart.y_label, chart.series, {.show_title = false}),
                    chart.name, report::Fit::scale);
    });
  const size_t drawn = std::min(findings.maps.size(), kMostMaps);
  if (drawn > 0)
    page.group(report::Group::columns, [&] {
      for (size_t i = 0; i < drawn; ++i) add_map(page, findings.maps[i]);
    });
  if (drawn < findings.maps.size())
    page.note(fmt::format("{} more maps are not drawn; choose fewer with --at", findings.maps.size() - drawn));
  return page.finish();
}

}  // namespace heddle::inspect
