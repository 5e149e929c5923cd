#include "heddle/kernels/embedding.h"

#include <algorithm>

#include "heddle/kernels/operation_count.h"
#include "heddle/kernels/row_pieces.h"

namespace heddle::kernels {
namespace {

// One body for both precisions: these passes only move memory.
template <class T>
void gather(int64_t rows, int64_t width, const int32_t* ids, const T* table, T scale, const int32_t* position,
            const T* positions, const Dropout& dropout, T* y) {
  count_operations(Operation::embedding, (positions ? 2 : 1) * rows * width);  // scale, and add
  over_row_pieces(rows, width, width, dropout, [&](int64_t r, int64_t first, int64_t count, const float* factors) {
    const T* from = table + ids[r] * width + first;
    const T* place = positions ? positions + position[r] * width + first : nullptr;
    T* to = y + r * width + first;
    for (int64_t c = 0; c < count; ++c) to[c] = scale * from[c] + (place ? place[c] : T{0});
    if (!factors) return;
    for (int64_t c = 0; c < count; ++c) to[c] *= static_cast<T>(factors[c]);
  });
}

template <class T>
void scatter(int64_t rows, int64_t width, const int32_t* ids, T scale, const T* g, T* table) {
  parallel_for((width + 15) / 16, row_grain(16 * rows), [&](int64_t begin, int64_t end, int) {
    const int64_t first = begin * 16, last = std::min(end * 16, width);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = first; c < last; ++c) table[ids[r] * width + c] += scale * g[r * width + c];
  });
}

}  // namespace

void embedding(int64_t rows, int64_t width, const int32_t* ids, const float* table, float scale,
               const int32_t* position, const float* positions, const Dropout& dropout, float* y) {
  gather(rows, width, ids, table, scale, position, positions, dropout, y);
}
void embedding(int64_t rows, int64_t width, const int32_t* ids, const double* table, double scale,
               const int32_t* position, const double* positions, const Dropout& dropout, double* y) {
  gather(rows, width, ids, table, scale, position, positions, dropout, y);
}
void add_rows_by_id(int64_t rows, int64_t width, const int32_t* ids, float scale, const float* g, float* table) {
  scatter(rows, width, ids, scale, g, table);
}
void add_rows_by_id(int64_t rows, int64_t width, const int32_t* ids, double scale, const double* g, double* table) {
  scatter(rows, width, ids, scale, g, table);
}

}  // namespace heddle::kernels
