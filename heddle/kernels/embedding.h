#pragma once
// Rows of a table by id, with positions and dropout in the same pass, and the scatter-add back.

#include "heddle/kernels/dropout.h"

namespace heddle::kernels {

// y[r] = dropout(scale·table[ids[r]] + positions[position[r]]); positions may be null. The caller has
// checked ids and positions.
void embedding(int64_t rows, int64_t width, const int32_t* ids, const float* table, float scale,
               const int32_t* position, const float* positions, const Dropout& dropout, float* y);
void embedding(int64_t rows, int64_t width, const int32_t* ids, const double* table, double scale,
               const int32_t* position, const double* positions, const Dropout& dropout, double* y);

// table[ids[r]] += scale·g[r], in the order of the rows: threads share the columns.
void add_rows_by_id(int64_t rows, int64_t width, const int32_t* ids, float scale, const float* g, float* table);
void add_rows_by_id(int64_t rows, int64_t width, const int32_t* ids, double scale, const double* g, double* table);

}  // namespace heddle::kernels
