#pragma once
// What one row [width] and several rows of the same width, each wherever it lies, have to do with each other.

#include <span>

namespace heddle::kernels {

// products[i] = scale·row·rows[i].
void row_products(std::span<const float> row, std::span<const float* const> rows, float scale, float* products);
void row_products(std::span<const double> row, std::span<const double* const> rows, double scale, double* products);

// row += Σ weights[i]·rows[i].
void add_weighted_rows(const float* weights, std::span<const float* const> rows, std::span<float> row);
void add_weighted_rows(const double* weights, std::span<const double* const> rows, std::span<double> row);

// rows[i] += weights[i]·row; one after the other, as they may be the same.
void add_to_rows(const float* weights, std::span<const float> row, std::span<float* const> rows);
void add_to_rows(const double* weights, std::span<const double> row, std::span<double* const> rows);

}  // namespace heddle::kernels
