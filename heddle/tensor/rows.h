#pragma once
// What the rows of a packed [tokens, width] matrix mean.
//
// Sequences lie end to end. Row r belongs to example `example[r]` (its number in the global batch)
// and stands at `position[r]` within it. Dropout is keyed by these, never by where a row lies,
// and a gradient sink cuts its groups by them. The arrays belong to the batch and outlive the tape.

#include <cstdint>
#include <span>

namespace heddle {

// The domain of a text of which none is known.
inline constexpr int32_t kNoDomain = -1;

struct Rows {
  std::span<const int32_t> offsets;   // [sequences + 1], offsets[0] = 0
  std::span<const int64_t> example;   // [tokens]
  std::span<const int32_t> position;  // [tokens]
  // [sequences] how many rows of each sequence are real; the rest is padding, which no query sees.
  // Empty: all, as in every packed batch.
  std::span<const int32_t> length = {};
  // [tokens] the number of the document that each row belongs to, where a sequence holds several; the mask `document`
  // keeps them apart. Empty: each sequence is one.
  std::span<const int32_t> document = {};
  // [tokens] which of several domains the text of each row is of, from 0, or kNoDomain. Empty: none is known.
  std::span<const int32_t> domain = {};

  int64_t count() const { return offsets.empty() ? 0 : offsets.back(); }
  int64_t sequences() const { return offsets.empty() ? 0 : static_cast<int64_t>(offsets.size()) - 1; }
  int32_t real_rows(int64_t sequence) const {
    const auto s = static_cast<size_t>(sequence);
    return length.empty() ? offsets[s + 1] - offsets[s] : length[s];
  }
};

}  // namespace heddle
