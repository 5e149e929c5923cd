#pragma once
// A matrix as coloured cells with labels, e.g. which source tokens each target token attends to.

#include <string>
#include <vector>

namespace heddle::report {

// values[row][column] in [0, 1]; other values are clamped, and what is not finite counts as 0. Without
// `show_title` the title is for screen readers alone, where the page says it beside the drawing.
std::string heatmap(const std::string& title, const std::vector<std::string>& row_labels,
                    const std::vector<std::string>& column_labels, const std::vector<std::vector<double>>& values,
                    bool show_title = true);

}  // namespace heddle::report
