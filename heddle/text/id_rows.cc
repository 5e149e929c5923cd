#include "heddle/text/id_rows.h"

#include <algorithm>
#include <atomic>

#include "heddle/base/thread_loop.h"

namespace heddle::text {

std::span<const int32_t> IdRows::Lane::add(std::span<const int32_t> row) {
  while (block_ < blocks_.size() && row.size() > blocks_[block_].size() - used_) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) blocks_.emplace_back(std::max(kBlock, row.size()));
  int32_t* const begin = blocks_[block_].data() + used_;
  std::ranges::copy(row, begin);
  used_ += row.size();
  return {begin, row.size()};
}

// Threads take texts as they get to them, since what a text costs depends on what it says.
void encode_rows(const Tokenizer& tokenizer, std::span<const std::string_view> texts, bool add_special_tokens,
                 IdRows& rows) {
  constexpr size_t kTaken = 4;  // texts at a time
  for (IdRows::Lane& lane : rows.lanes_) lane.clear();
  while (rows.lanes_.size() < static_cast<size_t>(thread_count())) rows.lanes_.emplace_back();
  rows.rows_.resize(texts.size());
  std::atomic<size_t> next = 0;
  parallel_for(thread_count(), 1, [&](int64_t, int64_t, int lane) {
    for (size_t first = next.fetch_add(kTaken); first < texts.size(); first = next.fetch_add(kTaken))
      for (size_t i = first; i < std::min(first + kTaken, texts.size()); ++i)
        rows.rows_[i] = rows.lanes_[static_cast<size_t>(lane)].add(tokenizer.encode(texts[i], add_special_tokens));
  });
}

}  // namespace heddle::text
