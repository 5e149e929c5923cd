#pragma once
// What the rows of a packed [tokens, width] matrix mean.
//
// Sequences lie end to end. Row r belongs to example `example[r]` (its number in the global batch)
// and stands at `position[r]` within it. Dropout is keyed by these, never by where a row lies,
// and a gradient sink cuts its groups by them. The arrays belong to the batch and outlive the tape.

#include <cstdint>
#include <span>

namespace heddle {

struct Rows {
  std::span<const int32_t> offsets;   // [sequences + 1], offsets[0] = 0
  std::span<const int64_t> example;   // [tokens]
  std::span<const int32_t> position;  // [tokens]

  int64_t count() const { return offsets.empty() ? 0 : offsets.back(); }
  int64_t sequences() const { return offsets.empty() ? 0 : static_cast<int64_t>(offsets.size()) - 1; }
};

}  // namespace heddle
