#pragma once
// The ids of many texts, a row for each: what costs least where there are many. A vector for each text is memory that
// the system hands out and takes back page by page, which comes to a fifth of the time; here rows lie one after the
// other in blocks that are kept for the next texts.

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "heddle/text/models/reserved_memory.h"
#include "heddle/text/tokenizer.h"

namespace heddle::text {

class IdRows {
 public:
  size_t size() const { return rows_.size(); }
  std::span<const int32_t> operator[](size_t i) const { return rows_[i]; }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

 private:
  friend void encode_rows(const Tokenizer& tokenizer, std::span<const std::string_view> texts, bool add_special_tokens,
                          IdRows& rows);

  // Rows of one thread.
  class Lane {
   public:
    void clear() { block_ = used_ = 0; }
    std::span<const int32_t> add(std::span<const int32_t> row);

   private:
    static constexpr size_t kBlock = size_t{1} << 20;  // ids, unless a row is longer

    std::deque<ReservedMemory<int32_t>> blocks_;
    size_t block_ = 0, used_ = 0;  // the one being filled, and how far
  };

  std::deque<Lane> lanes_;
  std::vector<std::span<const int32_t>> rows_;
};

// `rows` become Tokenizer::encode() of each text, by all threads; what they were is gone.
void encode_rows(const Tokenizer& tokenizer, std::span<const std::string_view> texts, bool add_special_tokens,
                 IdRows& rows);

}  // namespace heddle::text
