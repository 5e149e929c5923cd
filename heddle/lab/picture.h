#pragma once
// What an experiment shows beside its figures: tables, charts, heatmaps and samples, gathered over the seeds.

#include <map>
#include <string>
#include <vector>

#include "heddle/lab/bilingual.h"

namespace heddle::lab {

// A matrix of numbers by row and column name; every cell has one value per seed.
struct Table {
  Bilingual title;
  std::vector<std::string> rows, columns;  // in order of appearance
  std::map<std::pair<std::string, std::string>, std::vector<double>> cells;
};

// Curves over one axis; every point has one value per seed.
struct Chart {
  Bilingual title;
  std::string x_label, y_label;
  bool log_x = false, log_y = false;
  std::vector<std::string> series;                                      // in order of appearance
  std::map<std::string, std::map<double, std::vector<double>>> points;  // series → x → values
};

// From the first seed alone.
struct Heatmap {
  Bilingual title;
  std::vector<std::string> rows, columns;
  std::vector<std::vector<double>> values;  // in [0, 1]
};
struct Sample {
  Bilingual title;
  std::string text;
};

struct Pictures {
  std::vector<Table> tables;
  std::vector<Chart> charts;
  std::vector<Heatmap> heatmaps;
  std::vector<Sample> samples;
};

}  // namespace heddle::lab
