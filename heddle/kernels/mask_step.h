#pragma once
// The values that a mask is made of (heddle/kernels/mask.h): what each one means, for 64 keys at a time and for a whole
// tile of queries and keys.

#include <cstdint>
#include <limits>
#include <span>

namespace heddle::kernels {

enum class MaskVerdict : uint8_t { none, all, mixed };

// Key positions [begin, end).
struct KeyRange {
  int64_t begin, end;
  bool operator==(const KeyRange&) const = default;
};

// What a mask asks of the two sequences beside positions.
struct MaskFacts {
  // Numbers of documents; the first is that of position query_start or key_start. One of them empty: all is one
  // document. A position past a span is in no document.
  std::span<const int32_t> query_document = {}, key_document = {};
  int64_t query_start = 0, key_start = 0;
  bool documents_ascend = false;                                // in both: the ends of a range tell all of it
  int64_t padding_begin = std::numeric_limits<int64_t>::max();  // keys from this position on are padding
};

struct MaskStep {
  enum class Kind : uint8_t {
    full,
    causal,
    window,
    dilated,
    prefix,
    block,
    before_block,
    diagonal,
    global,
    block_sparse,
    document,
    padding,
    arbitrary,
    both,
    either,
    negate  // operators: of the last two values, or of the last one
  };
  Kind kind = Kind::full;
  uint32_t seed = 0;  // of block_sparse
  int64_t value = 0;  // width, step, length or size; of arbitrary: where its ranges begin
  int64_t count = 0;  // of block_sparse: draws; of arbitrary: ranges; of before_block: keys
  bool operator==(const MaskStep&) const = default;
};

// Bit j: whether the value lets the query see key + j, for j < count <= 64; the bits after are undefined. `ranges`: the
// step's own, ascending and apart.
uint64_t mask_bits(const MaskStep& step, std::span<const KeyRange> ranges, int64_t query, int64_t key, int64_t count,
                   const MaskFacts& facts);

// For all queries in [q0, q1) and keys in [k0, k1), neither of them empty; "mixed" when unsure.
MaskVerdict judge_mask(const MaskStep& step, std::span<const KeyRange> ranges, int64_t q0, int64_t q1, int64_t k0,
                       int64_t k1, const MaskFacts& facts);

}  // namespace heddle::kernels
