#include "heddle/lab/row_result.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "heddle/base/error.h"
#include "heddle/base/json_text.h"

namespace heddle::lab {
namespace {

using nlohmann::ordered_json;

// JSON has no infinity: what is not finite is null.
ordered_json number(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr); }
double number(const ordered_json& value) { return value.is_null() ? std::nan("") : value.get<double>(); }

ordered_json numbers(const std::vector<double>& values) {
  ordered_json list = ordered_json::array();
  for (const double value : values) list.push_back(number(value));
  return list;
}
std::vector<double> numbers(const ordered_json& list) {
  std::vector<double> values;
  for (const ordered_json& value : list) values.push_back(number(value));
  return values;
}

ordered_json both(const Bilingual& text) { return {{"en", text.en}, {"zh", text.zh}}; }
Bilingual both(const ordered_json& object) {
  return {object.at("en").get<std::string>(), object.at("zh").get<std::string>()};
}

ordered_json judgement_json(const Judgement& judgement) {
  return {{"verdict", name_of(judgement.verdict)},
          {"condition", both(judgement.condition)},
          {"needs", both(judgement.needs)}};
}
Judgement read_judgement(const ordered_json& object) {
  return {verdict_of(object.at("verdict").get<std::string>()), both(object.at("condition")), both(object.at("needs"))};
}

ordered_json pictures_json(const Pictures& pictures) {
  ordered_json tables = ordered_json::array(), charts = tables, heatmaps = tables, samples = tables;
  for (const Table& table : pictures.tables) {
    ordered_json cells = ordered_json::array();
    for (const auto& [at, values] : table.cells) cells.push_back({at.first, at.second, numbers(values)});
    tables.push_back(
        {{"title", both(table.title)}, {"rows", table.rows}, {"columns", table.columns}, {"cells", cells}});
  }
  for (const Chart& chart : pictures.charts) {
    ordered_json series = ordered_json::array();
    for (const std::string& name : chart.series) {
      ordered_json points = ordered_json::array();
      for (const auto& [x, values] : chart.points.at(name)) points.push_back({x, numbers(values)});
      series.push_back({{"name", name}, {"points", points}});
    }
    charts.push_back({{"title", both(chart.title)},
                      {"x", chart.x_label},
                      {"y", chart.y_label},
                      {"log_x", chart.log_x},
                      {"log_y", chart.log_y},
                      {"series", series}});
  }
  for (const Heatmap& map : pictures.heatmaps) {
    ordered_json values = ordered_json::array();
    for (const auto& row : map.values) values.push_back(numbers(row));
    heatmaps.push_back({{"title", both(map.title)}, {"rows", map.rows}, {"columns", map.columns}, {"values", values}});
  }
  for (const Sample& sample : pictures.samples)
    samples.push_back({{"title", both(sample.title)}, {"text", sample.text}});
  return {{"tables", tables}, {"charts", charts}, {"heatmaps", heatmaps}, {"samples", samples}};
}

Table read_table(const ordered_json& object) {
  Table table = {both(object.at("title")), object.at("rows"), object.at("columns"), {}};
  for (const ordered_json& cell : object.at("cells"))
    table.cells[{cell.at(0).get<std::string>(), cell.at(1).get<std::string>()}] = numbers(cell.at(2));
  return table;
}

Chart read_chart(const ordered_json& object) {
  Chart chart = {
      both(object.at("title")), object.at("x"), object.at("y"), object.at("log_x"), object.at("log_y"), {}, {}};
  for (const ordered_json& series : object.at("series")) {
    chart.series.push_back(series.at("name"));
    auto& points = chart.points[chart.series.back()];
    for (const ordered_json& point : series.at("points")) points[point.at(0).get<double>()] = numbers(point.at(1));
  }
  return chart;
}

Pictures read_pictures(const ordered_json& object) {
  Pictures read;
  for (const ordered_json& item : object.at("tables")) read.tables.push_back(read_table(item));
  for (const ordered_json& item : object.at("charts")) read.charts.push_back(read_chart(item));
  for (const ordered_json& item : object.at("heatmaps")) {
    Heatmap map = {both(item.at("title")), item.at("rows"), item.at("columns"), {}};
    for (const ordered_json& row : item.at("values")) map.values.push_back(numbers(row));
    read.heatmaps.push_back(map);
  }
  for (const ordered_json& item : object.at("samples"))
    read.samples.push_back({both(item.at("title")), item.at("text")});
  return read;
}

Size size_of(const std::string& name) {
  for (const Size size : {Size::minimal, Size::quick, Size::full})
    if (name_of(size) == name) return size;
  fail_input("\"{}\" is no mode of a run; expected quick or full", name);
}

}  // namespace

std::string name_of(Size size) { return size == Size::minimal ? "minimal" : size == Size::quick ? "quick" : "full"; }

std::string result_as_json(const RowResult& result) {
  ordered_json claims = ordered_json::array(), figures = ordered_json::object();
  for (const ClaimResult& claim : result.claims) {
    ordered_json one = {{"id", claim.id}, {"text", both(claim.text)}};
    one.update(judgement_json(claim.judgement));
    claims.push_back(one);
  }
  for (const Figure& figure : result.figures) {
    const Interval interval = figure.interval();
    figures[figure.name] = {{"mean", number(interval.mean)},
                            {"low", number(interval.low)},
                            {"high", number(interval.high)},
                            {"values", numbers(figure.values)}};
  }
  ordered_json object = {
      {"row", result.row}, {"mode", name_of(result.size)}, {"changed", result.changed}, {"key", result.key}};
  object.update(judgement_json(result.judgement));
  object["claims"] = claims;
  object["figures"] = figures;
  object["seeds"] = result.seeds;
  object["seconds"] = std::round(result.seconds * 10) / 10;
  object["pictures"] = pictures_json(result.pictures);
  return object.dump(1) + "\n";
}

RowResult read_result(std::string_view text, std::string_view name) {
  if (const std::string problem = json_problem(text); !problem.empty()) fail_input("{} {}", name, problem);
  try {
    const ordered_json object = ordered_json::parse(text);
    RowResult read;
    read.row = object.at("row");
    read.size = size_of(object.at("mode"));
    read.changed = object.at("changed");
    read.key = object.at("key");
    read.judgement = read_judgement(object);
    for (const ordered_json& claim : object.at("claims"))
      read.claims.push_back({claim.at("id"), both(claim.at("text")), read_judgement(claim)});
    for (const auto& [figure, value] : object.at("figures").items())
      read.figures.push_back({figure, numbers(value.at("values"))});
    read.seeds = object.at("seeds").get<std::vector<uint64_t>>();
    read.seconds = object.at("seconds");
    read.pictures = read_pictures(object.at("pictures"));
    return read;
  } catch (const ordered_json::exception& error) {
    fail_input("{} is no result of the lab: {}; run the row again", name, error.what());
  }
}

std::string results_summary(const std::vector<RowResult>& results, Language language) {
  ordered_json rows = ordered_json::array();
  for (const RowResult& result : results) {
    ordered_json claims = ordered_json::array(), figures = ordered_json::object();
    for (const ClaimResult& claim : result.claims)
      claims.push_back({{"id", claim.id},
                        {"text", claim.text.in(language)},
                        {"verdict", name_of(claim.judgement.verdict)},
                        {"condition", claim.judgement.condition.in(language)}});
    for (const Figure& figure : result.figures) {
      const Interval interval = figure.interval();
      figures[figure.name] = {
          {"mean", number(interval.mean)}, {"low", number(interval.low)}, {"high", number(interval.high)}};
    }
    const Judgement& judgement = result.judgement;
    rows.push_back({{"row", result.row},
                    {"mode", name_of(result.size)},
                    {"changed", result.changed},
                    {"verdict", name_of(judgement.verdict)},
                    {"condition", judgement.condition.in(language)},
                    {"needs", judgement.needs.in(language)},
                    {"claims", claims},
                    {"figures", figures},
                    {"seconds", std::round(result.seconds * 10) / 10}});
  }
  return ordered_json({{"rows", rows}}).dump(2) + "\n";
}

}  // namespace heddle::lab
