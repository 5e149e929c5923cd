#include "heddle/metrics/edit_band.h"

#include <algorithm>
#include <cmath>

namespace heddle::metrics {
namespace {

constexpr int64_t kBeam = 25;            // columns on either side, as in tercom and sacreBLEU
constexpr int32_t kUnreached = 1 << 30;  // above any distance, and far from overflow

// The constant by which `a` exceeds `b`, or kUnreached.
int32_t constant_difference(const int32_t* a, const int32_t* b, size_t count) {
  const int32_t difference = a[0] - b[0];
  for (size_t i = 1; i < count; ++i)
    if (a[i] - b[i] != difference) return kUnreached;
  return difference;
}

}  // namespace

EditBand::EditBand(const Symbols& reference, const Symbols& hypothesis) : reference_(reference) {
  lay_out_rows(hypothesis.size());
  for (int64_t column = 0; column < rows_[0].end; ++column)
    cells_[static_cast<size_t>(column)] = static_cast<int32_t>(column);
  update(hypothesis, 0);
}

void EditBand::lay_out_rows(size_t hypothesis) {
  const auto columns = static_cast<int64_t>(reference_.size()) + 1;
  const double ratio = hypothesis == 0 ? 1 : static_cast<double>(reference_.size()) / static_cast<double>(hypothesis);
  const int64_t beam = kBeam < ratio / 2 ? static_cast<int64_t>(std::ceil(ratio / 2 + kBeam)) : kBeam;
  rows_.push_back({0, columns, 0});
  size_t offset = static_cast<size_t>(columns);
  size_t widest = 0;
  for (size_t i = 1; i <= hypothesis; ++i) {
    const auto diagonal = static_cast<int64_t>(std::floor(static_cast<double>(i) * ratio));
    const int64_t begin = std::max<int64_t>(0, diagonal - beam);
    const int64_t end = i == hypothesis ? columns : std::min(columns, diagonal + beam);
    rows_.push_back({begin, end, offset});
    offset += static_cast<size_t>(end - begin);
    widest = std::max(widest, static_cast<size_t>(end - begin));
  }
  cells_.assign(offset, kUnreached);
  above_.resize(widest);
  here_.resize(widest);
}

int32_t EditBand::cell(const Row& row, const int32_t* cells, int64_t column) const {
  return column < row.begin || column >= row.end ? kUnreached : cells[column - row.begin];
}

int32_t EditBand::cell(size_t row, int64_t column) const {
  return cell(rows_[row], cells_.data() + rows_[row].offset, column);
}

void EditBand::fill_row(size_t row, int32_t word, const int32_t* above, int32_t* to) {
  const Row& before = rows_[row - 1];
  const auto [begin, end, offset] = rows_[row];
  int32_t left = kUnreached;
  for (int64_t j = begin; j < end; ++j) {
    int32_t best = std::min(cell(before, above, j), left) + 1;
    if (j > 0) {
      const bool same = word == reference_[static_cast<size_t>(j - 1)];
      best = std::min(best, cell(before, above, j - 1) + (same ? 0 : 1));
    }
    left = to[j - begin] = std::min(best, kUnreached);
  }
  cells_computed_ += end - begin;
}

void EditBand::update(const Symbols& changed, size_t first) {
  for (size_t i = first + 1; i < rows_.size(); ++i)
    fill_row(i, changed[i - 1], cells_.data() + rows_[i - 1].offset, cells_.data() + rows_[i].offset);
}

int32_t EditBand::distance_if(const Symbols& changed, size_t first, size_t last) {
  const int32_t* above = cells_.data() + rows_[first].offset;
  for (size_t i = first + 1; i < rows_.size(); ++i) {
    fill_row(i, changed[i - 1], above, here_.data());
    if (i >= last) {
      const auto width = static_cast<size_t>(rows_[i].end - rows_[i].begin);
      const int32_t more = constant_difference(here_.data(), cells_.data() + rows_[i].offset, width);
      if (more != kUnreached) return distance() + more;
    }
    std::swap(above_, here_);
    above = above_.data();
  }
  return above[rows_.back().end - rows_.back().begin - 1];
}

WordAlignment EditBand::align(const Symbols& hypothesis) const {
  WordAlignment found;
  found.position.resize(reference_.size());
  found.hypothesis_errors.resize(hypothesis.size() + 1);
  found.reference_errors.resize(reference_.size() + 1);
  size_t i = hypothesis.size(), j = reference_.size();
  while (i > 0 || j > 0) {
    const int32_t here = cell(i, static_cast<int64_t>(j));
    if (i > 0 && j > 0) {
      const int32_t error = hypothesis[i - 1] == reference_[j - 1] ? 0 : 1;
      if (here == cell(i - 1, static_cast<int64_t>(j) - 1) + error) {
        found.hypothesis_errors[i] = found.reference_errors[j] = error;
        found.position[j - 1] = static_cast<int32_t>(i) - 1;
        --i, --j;
        continue;
      }
    }
    if (j == 0 || (i > 0 && here == cell(i - 1, static_cast<int64_t>(j)) + 1)) {
      found.hypothesis_errors[i--] = 1;
    } else {
      found.reference_errors[j] = 1;
      found.position[j - 1] = static_cast<int32_t>(i) - 1;
      --j;
    }
  }
  for (auto* errors : {&found.hypothesis_errors, &found.reference_errors})
    for (size_t k = 1; k < errors->size(); ++k) (*errors)[k] += (*errors)[k - 1];
  return found;
}

}  // namespace heddle::metrics
