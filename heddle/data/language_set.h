#pragma once
// Token sequences for a language model, end to end in memory: what it reads, and which of the tokens it is asked for.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/data/batch_plan.h"
#include "heddle/data/packed_batch.h"

namespace heddle::data {

class LanguageSet {
 public:
  // A sequence of which the ids from `asked` on are predicted; `before` is read ahead of the first id.
  void add(int32_t before, std::span<const int32_t> ids, int64_t asked = 0, int32_t domain = kNoDomain);

  int64_t size() const { return static_cast<int64_t>(before_.size()); }
  std::span<const int32_t> ids(int64_t i) const {
    const auto at = static_cast<size_t>(i);
    return {ids_.data() + offsets_[at], static_cast<size_t>(offsets_[at + 1] - offsets_[at])};
  }
  int64_t asked(int64_t i) const { return asked_[static_cast<size_t>(i)]; }
  int32_t domain(int64_t i) const { return domain_[static_cast<size_t>(i)]; }
  int64_t tokens() const { return offsets_.back(); }
  int64_t asked_tokens() const;
  // A batch's budget is spent by what is read.
  std::vector<ExampleLength> lengths() const;

  // Appends sequence i, known as example `number`, to the target side: ids[t] stands below the row that has read
  // everything before it, or -1 where it is not asked for.
  void append_to(TranslationBatch& batch, int64_t i, int64_t number) const;

 private:
  std::vector<int32_t> ids_, before_, domain_;
  std::vector<int64_t> offsets_{0}, asked_;
};

// Adds a text as one stream, cut after every `block` tokens. Each block is a sequence of its own that first reads the
// token before it, the first one `begin_id`. Throws InputError for a block below 1.
void add_stream(LanguageSet& set, std::span<const int32_t> ids, int32_t begin_id, int64_t block,
                int32_t domain = kNoDomain);

}  // namespace heddle::data
