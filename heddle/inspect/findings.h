#pragma once
// What an inspection found, and its three forms: text for a terminal, JSON for programs, one HTML page for a browser.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "heddle/report/line_chart.h"

namespace heddle::inspect {

using Cell = std::variant<std::string, int64_t, double>;
using Matrix = std::vector<std::vector<double>>;

struct Table {
  std::string name;     // its key in JSON
  std::string caption;  // one sentence
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows = {};
};

// A matrix that a page draws as a heatmap; a terminal shows none. `most`: what the darkest colour stands for.
struct Map {
  std::string name, caption;
  std::vector<std::string> rows, columns;
  Matrix values;
  double most = 1;
};

struct Chart {
  std::string name, x_label, y_label;
  std::vector<report::Series> series;
};

struct Findings {
  std::string title;
  std::vector<std::string> notes = {};  // sentences
  std::vector<Table> tables = {};
  std::vector<Map> maps = {};
  std::vector<Chart> charts = {};
};

std::string as_text(const Findings& findings);
std::string as_json(const Findings& findings);
// Draws at most kMostMaps maps, and says how many are left out.
std::string as_html(const Findings& findings);

inline constexpr size_t kMostMaps = 96;

// The largest value of a matrix; 0 for an empty one.
double largest(const Matrix& matrix);

}  // namespace heddle::inspect
