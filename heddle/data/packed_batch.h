#pragma once
// Sequences of token ids end to end, as a model takes them: nothing is padded.
//
// A batch is filled into the same vectors again and again, so that nothing is allocated once they
// have grown.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/tensor/rows.h"

namespace heddle::data {

// Ids with what the rows of a packed matrix mean (see Rows).
struct PackedSequences {
  std::vector<int32_t> ids, offsets{0}, position, domain;
  std::vector<int64_t> example;
  std::vector<int32_t> length;    // only of padded sequences: how many ids of each are real
  std::vector<int32_t> document;  // only of joined sequences: the number of each id's document in its sequence

  void clear();
  void add(int64_t example_number, std::span<const int32_t> sequence, int32_t of_domain = kNoDomain);
  // `first`, then all of the sequence but its last id: a decoder's input.
  void add_shifted(int64_t example_number, int32_t first, std::span<const int32_t> sequence,
                   int32_t of_domain = kNoDomain);
  // Sequence i of another, or of these; its examples' numbers are raised by `more`.
  void add_copy(const PackedSequences& from, int64_t i, int64_t more = 0);
  // The last sequences, from `first` on, become one that holds them as documents, each with its own example and
  // positions. In a batch all are joined or none.
  void join(int64_t first);

  Rows rows() const { return {offsets, example, position, length, document, domain}; }
  int64_t tokens() const { return static_cast<int64_t>(ids.size()); }
  int64_t sequences() const { return static_cast<int64_t>(offsets.size()) - 1; }
  std::span<const int32_t> sequence(int64_t i) const {
    const auto at = static_cast<size_t>(i);
    return {ids.data() + offsets[at], static_cast<size_t>(offsets[at + 1] - offsets[at])};
  }

 private:
  void append(int64_t example_number, int32_t id, int32_t place, int32_t of_domain);
};

// The same sequences as a rectangle: `pad_id` after each up to `width` ids, which attention does not see. For
// comparison, and for what needs a rectangle; everything here works on packed batches, where nothing is spent on
// padding. Throws Error where a sequence is longer than `width`.
PackedSequences padded(const PackedSequences& packed, int64_t width, int32_t pad_id);

// Sequence i of all three belongs to the same example; a language model's batch has no source.
struct TranslationBatch {
  PackedSequences source;      // ids and </s>
  PackedSequences target_in;   // <s> and ids
  PackedSequences target_out;  // ids and </s>

  void clear();
};

// Puts every example into the batch once more behind the others, under a number of its own, so that dropout differs.
void repeat(TranslationBatch& batch);

// Cuts a batch into min(parts, examples) runs of whole examples with about as many target tokens
// each; together they are the batch, in its order. The vectors in `pieces` are used again.
void split(const TranslationBatch& batch, int64_t parts, std::vector<TranslationBatch>& pieces);

}  // namespace heddle::data
