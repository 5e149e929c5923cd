#include "heddle/text/trainers/word_counts.h"

#include <algorithm>
#include <map>
#include <utility>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"

namespace heddle::text {
namespace {

constexpr size_t kCountBlockBytes = size_t{4} << 20;
constexpr int64_t kSmallestLimit = int64_t{1} << 20, kTextsForAThread = 16;

int64_t cost(const WordTable::Entry& entry) { return WordCounter::kBytesPerWord + std::ssize(entry.word()); }

}  // namespace

WordCounter::WordCounter(Split split, int64_t limit)
    : split_(std::move(split)), limit_(limit), parts_(size_t{1} << kPartBits) {
  if (limit != 0 && limit < kSmallestLimit)
    fail_input(
        "the memory limit leaves {} bytes to count the words of a language, and fewer than {} are too little; give a "
        "greater limit, or 0 for none",
        limit, kSmallestLimit);
}

void WordCounter::add(std::string_view text) {
  block_ += text;
  ends_.push_back(block_.size());
  if (block_.size() >= kCountBlockBytes) count_block();
}

std::vector<WordCount> WordCounter::take() {
  count_block();
  of_threads_.clear();
  size_t number = 0;
  for (const WordTable& part : parts_) number += part.entries().size();
  std::vector<WordCount> words;
  words.reserve(number);
  for (WordTable& part : parts_) {
    for (const WordTable::Entry& entry : part.entries()) words.push_back({std::string(entry.word()), entry.count});
    part = WordTable();
  }
  bytes_ = 0;
  std::ranges::sort(words, {}, &WordCount::word);
  return words;
}

// Each thread counts its texts, then each puts together its parts of what all have counted; sums of counts do not
// depend on who counted what.
void WordCounter::count_block() {
  of_threads_.resize(static_cast<size_t>(thread_count()));
  parallel_for(std::ssize(ends_), kTextsForAThread, [&](int64_t begin, int64_t end, int lane) {
    Parts& mine = of_threads_[static_cast<size_t>(lane)];
    mine.resize(parts_.size());
    const Take take = [&](std::string_view word) {
      const uint64_t hash = WordTable::hash_of(word);
      mine[part_of(hash)].add(word, hash, 1);
    };
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const size_t from = i == 0 ? 0 : ends_[i - 1];
      split_(std::string_view(block_).substr(from, ends_[i] - from), take);
    }
  });
  std::vector<int64_t> grown(parts_.size());  // bytes
  parallel_for(std::ssize(parts_), 1, [&](int64_t begin, int64_t end, int) {
    for (auto p = static_cast<size_t>(begin); p < static_cast<size_t>(end); ++p)
      for (Parts& of_thread : of_threads_) {
        if (of_thread.empty()) continue;
        for (const WordTable::Entry& entry : of_thread[p].entries())
          if (parts_[p].add(entry.word(), entry.hash(), entry.count)) grown[p] += cost(entry);
        of_thread[p].clear();
      }
  });
  for (const int64_t bytes : grown) bytes_ += bytes;
  block_.clear();
  ends_.clear();
  drop_rare();
}

void WordCounter::drop_rare() {
  if (limit_ == 0 || bytes_ <= limit_) return;
  std::map<int64_t, std::pair<int64_t, int64_t>> by_count;  // words, their bytes
  for (const WordTable& part : parts_)
    for (const WordTable::Entry& entry : part.entries()) {
      auto& [words, bytes] = by_count[entry.count];
      ++words;
      bytes += cost(entry);
    }
  WordTable::Rare rare = {.draw = ++draws_};
  for (int64_t bytes = bytes_; const auto& [count, dropped] : by_count) {
    const int64_t excess = bytes - limit_ / 2;
    if (excess <= 0) break;
    rare.highest = count;
    rare.share = std::min(1.0, static_cast<double>(excess) / static_cast<double>(dropped.second));
    bytes -= dropped.second;
  }
  parallel_for(std::ssize(parts_), 1, [&](int64_t begin, int64_t end, int) {
    for (auto p = static_cast<size_t>(begin); p < static_cast<size_t>(end); ++p) parts_[p].drop(rare);
  });
  int64_t kept = 0;  // occurrences
  bytes_ = 0;
  for (const WordTable& part : parts_)
    for (const WordTable::Entry& entry : part.entries()) kept += entry.count, bytes_ += cost(entry);
  for (const auto& [count, words] : by_count) dropped_ += count * words.first;
  dropped_ -= kept;
}

}  // namespace heddle::text
