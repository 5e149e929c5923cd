#pragma once
// docs/variants.md: every idea that a config can name, from the factories themselves, and what trainings said of it.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace heddle::model {

// Trainings that differ in nothing but the seed.
struct Measured {
  std::map<std::string, std::string> settings;  // what they had that the task's recipe does not say, by key
  double mean = 0, lowest = 0, highest = 0;     // of the score
  int64_t runs = 0;
  double cpu_seconds = 0;
};

// A column of the page's tables.
struct MeasuredTask {
  std::string name, score_name;
  std::vector<Measured> rows;
};

// Markdown. An idea's cell of a task is the row that names the idea and the fewest other settings.
std::string variants_page(std::span<const MeasuredTask> tasks = {});

}  // namespace heddle::model
