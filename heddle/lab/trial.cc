#include "heddle/lab/trial.h"

#include <algorithm>
#include <cmath>

#include "heddle/base/error.h"
#include "heddle/base/interrupt.h"

namespace heddle::lab {
namespace {

template <class List>
auto& named(List& list, const Bilingual& title) {
  const auto found = std::ranges::find_if(list, [&](const auto& item) { return item.title.en == title.en; });
  if (found != list.end()) return *found;
  list.push_back({});
  list.back().title = title;
  return list.back();
}

void note(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace

Trial::Trial(const Experiment& experiment, TrialPlan plan, Gathered& gathered)
    : experiment_(experiment), plan_(std::move(plan)), gathered_(gathered) {}

double Trial::setting(const std::string& name) const {
  if (const auto changed = plan_.changed.find(name); changed != plan_.changed.end()) return changed->second;
  const auto found = std::ranges::find(experiment_.settings, name, &Setting::name);
  HEDDLE_CHECK(found != experiment_.settings.end(), "row {} asks for the setting {}, which it does not declare",
               experiment_.row, name);
  return plan_.size == Size::minimal ? found->minimal : plan_.size == Size::quick ? found->quick : found->full;
}

int64_t Trial::count(const std::string& name) const { return std::max<int64_t>(1, std::llround(setting(name))); }

void Trial::figure(const std::string& name, double value) {
  auto found = std::ranges::find(gathered_.figures, name, &Figure::name);
  if (found == gathered_.figures.end()) found = gathered_.figures.insert(gathered_.figures.end(), Figure{name, {}});
  found->values.push_back(value);
}

void Trial::cell(const Bilingual& table, const std::string& row, const std::string& column, double value) {
  Table& into = named(gathered_.pictures.tables, table);
  note(into.rows, row);
  note(into.columns, column);
  into.cells[{row, column}].push_back(value);
}

void Trial::point(const Bilingual& chart, const Axes& axes, const std::string& series, double x, double y) {
  Chart& into = named(gathered_.pictures.charts, chart);
  into.x_label = axes.x;
  into.y_label = axes.y;
  into.log_x = axes.log_x;
  into.log_y = axes.log_y;
  note(into.series, series);
  into.points[series][x].push_back(y);
}

void Trial::heatmap(Heatmap heatmap) {
  auto& all = gathered_.pictures.heatmaps;
  if (std::ranges::none_of(all, [&](const Heatmap& other) { return other.title.en == heatmap.title.en; }))
    all.push_back(std::move(heatmap));
}

void Trial::sample(const Bilingual& title, const std::string& text) {
  auto& all = gathered_.pictures.samples;
  if (std::ranges::none_of(all, [&](const Sample& other) { return other.title.en == title.en; }))
    all.push_back({title, text});
}

void Trial::progress(double share) const {
  if (interrupt_signal() != 0) throw Stopped();
  if (plan_.progress) plan_.progress(std::clamp(share, 0.0, 1.0));
}

}  // namespace heddle::lab
