#pragma once
// Sentence pairs as token ids, end to end in memory, and the packed batches made from them.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/tensor/rows.h"

namespace heddle::data {

// Sequences of ids end to end, with what the rows of a packed matrix mean.
struct PackedSequences {
  std::vector<int32_t> ids, offsets{0}, position;
  std::vector<int64_t> example;

  void clear();
  void add(int64_t example_number, std::span<const int32_t> sequence);
  // `first`, then all of the sequence but its last id: a decoder's input.
  void add_shifted(int64_t example_number, int32_t first, std::span<const int32_t> sequence);
  Rows rows() const { return {offsets, example, position}; }
  int64_t tokens() const { return static_cast<int64_t>(ids.size()); }

 private:
  void append(int64_t example_number, int32_t id, int32_t place);
};

struct TranslationBatch {
  PackedSequences source, target_in, target_out;

  void clear();
};

// Encoded pairs. Both sides end in the end token.
class TranslationSet {
 public:
  void add(std::span<const int32_t> source, std::span<const int32_t> target);

  int64_t size() const { return static_cast<int64_t>(source_offsets_.size()) - 1; }
  std::span<const int32_t> source(int64_t i) const { return slice(source_ids_, source_offsets_, i); }
  std::span<const int32_t> target(int64_t i) const { return slice(target_ids_, target_offsets_, i); }
  int64_t source_tokens() const { return source_offsets_.back(); }
  int64_t target_tokens() const { return target_offsets_.back(); }

  // Appends pair i, known as example `number`; the decoder's input starts with `begin_id`.
  void append_to(TranslationBatch& batch, int64_t i, int64_t number, int32_t begin_id) const;

 private:
  static std::span<const int32_t> slice(const std::vector<int32_t>& ids, const std::vector<int64_t>& offsets, int64_t i) {
    const auto at = static_cast<size_t>(i);
    return {ids.data() + offsets[at], static_cast<size_t>(offsets[at + 1] - offsets[at])};
  }

  std::vector<int32_t> source_ids_, target_ids_;
  std::vector<int64_t> source_offsets_{0}, target_offsets_{0};
};

}  // namespace heddle::data
