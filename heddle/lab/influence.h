#pragma once
// Which input each output depends on: a matrix of how far every row moves when one input token is another.

#include <vector>

#include "heddle/lab/numbers.h"
#include "heddle/lab/picture.h"

namespace heddle::lab {

using Matrix = std::vector<std::vector<double>>;  // [output row][input token]

// `values` [(inputs + 1)·rows, width]: the rows as they are, then with each input changed in turn.
// A row moves by ‖changed - as it is‖ / ‖as it is‖.
inline Matrix influence(const Tensor& values, int64_t inputs) {
  const std::vector<double> all = numbers_of(values);
  const auto width = static_cast<size_t>(values.width()), rows = static_cast<size_t>(values.rows() / (inputs + 1));
  Matrix moved(rows, std::vector<double>(static_cast<size_t>(inputs)));
  for (size_t i = 0; i < rows; ++i)
    for (size_t j = 0; j < moved[i].size(); ++j)
      moved[i][j] = relative_distance(std::span(all).subspan(((j + 1) * rows + i) * width, width),
                                      std::span(all).subspan(i * width, width));
  return moved;
}

// Mean over the pairs whose input stands after the output.
inline double mean_of_later(const Matrix& matrix) {
  double sum = 0;
  int count = 0;
  for (size_t i = 0; i < matrix.size(); ++i)
    for (size_t j = i + 1; j < matrix[i].size(); ++j, ++count) sum += matrix[i][j];
  return count ? sum / count : 0;
}

// As a heatmap, the largest entry 1.
inline Heatmap heatmap_of(const Bilingual& title, std::vector<std::string> rows, std::vector<std::string> columns,
                          Matrix matrix) {
  double most = 0;
  for (const auto& row : matrix) most = std::max(most, *std::ranges::max_element(row));
  for (auto& row : matrix)
    for (double& value : row) value = most > 0 ? value / most : 0;
  return {title, std::move(rows), std::move(columns), std::move(matrix)};
}

}  // namespace heddle::lab
