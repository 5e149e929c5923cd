#include "heddle/text/trainers/word_counts.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"

namespace heddle::text {
namespace {

constexpr size_t kBlockBytes = size_t{4} << 20;
constexpr int64_t kSmallestLimit = int64_t{1} << 20, kTextsForAThread = 16;

int64_t cost(const std::string& word) { return WordCounter::kBytesPerWord + std::ssize(word); }

}  // namespace

WordCounter::WordCounter(Split split, int64_t limit) : split_(std::move(split)), limit_(limit) {
  if (limit != 0 && limit < kSmallestLimit)
    fail_input("a limit of {} bytes is too little to count words; give at least {}, or 0 for none", limit,
               kSmallestLimit);
}

void WordCounter::add(std::string_view text) {
  block_ += text;
  ends_.push_back(block_.size());
  if (block_.size() >= kBlockBytes) count_block();
}

std::vector<WordCount> WordCounter::take() {
  count_block();
  std::vector<WordCount> words;
  words.reserve(table_.size());
  while (!table_.empty()) {
    auto node = table_.extract(table_.begin());
    words.push_back({std::move(node.key()), node.mapped()});
  }
  bytes_ = 0;
  std::ranges::sort(words, {}, &WordCount::word);
  return words;
}

bool WordCounter::count(Table& table, std::string_view word, int64_t times) {
  const auto found = table.find(word);
  if (found == table.end()) return table.emplace(word, times).second;
  found->second += times;
  return false;
}

// Each thread counts its texts; sums of counts do not depend on who counted what.
void WordCounter::count_block() {
  std::vector<Table> tables(static_cast<size_t>(thread_count()));
  parallel_for(std::ssize(ends_), kTextsForAThread, [&](int64_t begin, int64_t end, int lane) {
    Table& table = tables[static_cast<size_t>(lane)];
    const Take take = [&](std::string_view word) { count(table, word, 1); };
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const size_t from = i == 0 ? 0 : ends_[i - 1];
      split_(std::string_view(block_).substr(from, ends_[i] - from), take);
    }
  });
  for (const Table& table : tables)
    for (const auto& [word, times] : table)
      if (count(table_, word, times)) bytes_ += cost(word);
  block_.clear();
  ends_.clear();
  drop_rare();
}

void WordCounter::drop_rare() {
  if (limit_ == 0 || bytes_ <= limit_) return;
  std::vector<std::pair<int64_t, int64_t>> by_count;  // count, bytes
  for (const auto& [word, times] : table_) by_count.emplace_back(times, cost(word));
  std::ranges::sort(by_count);
  int64_t highest = 0;  // count that is dropped
  for (const auto& [times, word_bytes] : by_count) {
    if (bytes_ <= limit_ / 2 && times > highest) break;
    highest = times;
    bytes_ -= word_bytes;
  }
  std::erase_if(table_, [&](const auto& entry) {
    if (entry.second <= highest) dropped_ += entry.second;
    return entry.second <= highest;
  });
}

}  // namespace heddle::text
