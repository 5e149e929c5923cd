#include "heddle/lab/experiment.h"

#include "heddle/base/error.h"

namespace heddle::lab {

const Experiment& experiment(int row) {
  for (const Experiment* one : all_experiments())
    if (one->row == row) return *one;
  std::string rows;
  for (const Experiment* one : all_experiments()) rows += fmt::format("{}{}", rows.empty() ? "" : ", ", one->row);
  fail_input("the lab has no row {}; it has {}", row, rows);
}

}  // namespace heddle::lab
