#include "heddle/task/past_rows.h"

#include <algorithm>

#include "heddle/kernels/key_ranges.h"
#include "heddle/ops/cached_attention.h"

namespace heddle::task {
namespace {

using kernels::KeyRange;

constexpr int32_t kToCome = -1;  // the place of a new token in a list, before it has a row

}  // namespace

void PastRows::start(std::vector<kernels::Mask> masks) {
  masks_.clear();
  for (kernels::Mask& mask : masks)
    if (std::ranges::find(masks_, mask) == masks_.end()) masks_.push_back(std::move(mask));
  position_ = 0;
  runs_.clear();
  table_.clear();
  table_begin_.clear();
  free_.clear();
  for (int64_t row = capacity_; row > 0; --row) free_.push_back(static_cast<int32_t>(row - 1));
}

std::vector<KeyRange> PastRows::next_runs() const {
  std::vector<KeyRange> seen;
  for (const kernels::Mask& mask : masks_) {
    const std::vector<KeyRange> by_mask = mask.still_visible(position_);
    seen.insert(seen.end(), by_mask.begin(), by_mask.end());
  }
  const auto with_newest = [&](std::vector<KeyRange> ranges) {
    ranges.push_back({position_, position_ + 1});
    return kernels::united(std::move(ranges));
  };
  std::vector<KeyRange> next = with_newest(kernels::in_both(kernels::united(std::move(seen)), runs_));
  // More pieces than attention takes: then nothing is forgotten now.
  return next.size() <= ops::CachedKeys::kMostRuns ? next : with_newest(runs_);
}

void PastRows::copy_kept(std::span<const KeyRange> next, int32_t parent) {
  if (parent < 0) return;
  const int32_t* list = table_.data() + table_begin_[static_cast<size_t>(parent)];
  for (const KeyRange& run : runs_) {
    for (const KeyRange& part : kernels::in_both(next, {&run, 1}))
      next_table_.insert(next_table_.end(), list + (part.begin - run.begin), list + (part.end - run.begin));
    list += run.end - run.begin;
  }
}

void PastRows::step(std::span<const decode::StepModel::Row> rows) {
  const std::vector<KeyRange> next = next_runs();
  next_table_.clear();
  next_begin_.clear();
  for (const decode::StepModel::Row& row : rows) {
    next_begin_.push_back(static_cast<int32_t>(next_table_.size()));
    copy_kept(next, row.parent);
    next_table_.push_back(kToCome);
  }
  runs_ = next;
  table_.swap(next_table_);
  table_begin_.swap(next_begin_);
  reserve(std::ssize(rows));
  int64_t kept = 0;
  for (const KeyRange& run : runs_) kept += run.end - run.begin;
  length_.assign(rows.size(), static_cast<int32_t>(kept));
  new_rows_.clear();
  for (const int32_t begin : table_begin_) {
    new_rows_.push_back(free_.back());
    table_[static_cast<size_t>(begin + kept - 1)] = free_.back();
    free_.pop_back();
  }
  ++position_;
}

void PastRows::reserve(int64_t rows) {
  if (std::ssize(free_) >= rows) return;
  find_free_rows();
  // Room for as much again, or rows would be looked for at every step.
  if (std::ssize(free_) >= std::max(rows, capacity_ / 4)) return;
  const int64_t more = std::max<int64_t>({256, rows, capacity_});
  for (int64_t row = capacity_ + more; row > capacity_; --row) free_.push_back(static_cast<int32_t>(row - 1));
  capacity_ += more;
}

void PastRows::find_free_rows() {
  in_use_.assign(static_cast<size_t>(capacity_), false);
  for (const int32_t row : table_)
    if (row != kToCome) in_use_[static_cast<size_t>(row)] = true;
  free_.clear();
  for (int64_t row = capacity_; row > 0; --row)
    if (!in_use_[static_cast<size_t>(row - 1)]) free_.push_back(static_cast<int32_t>(row - 1));
}

}  // namespace heddle::task
