#include "heddle/kernels/mask_step.h"

#include <algorithm>

#include "heddle/base/random.h"

namespace heddle::kernels {
namespace {

using Verdict = MaskVerdict;
using Kind = MaskStep::Kind;

constexpr int64_t kWord = 64;
// What a verdict reads at most of documents in any order, or draws at most: larger tiles are cut anyway.
constexpr int64_t kLargestLook = 1024;

// Bits [from, to) of a word, as far as they are in it.
uint64_t bits_between(int64_t from, int64_t to) {
  from = std::clamp<int64_t>(from, 0, kWord);
  to = std::clamp<int64_t>(to, 0, kWord);
  return from < to ? (~uint64_t{0} >> (kWord - (to - from))) << from : 0;
}

// All when the whole range of a value satisfies a condition, none when its complement does.
Verdict decide(bool all, bool none) { return all ? Verdict::all : none ? Verdict::none : Verdict::mixed; }

// The block before `row` that its draw number `draw` falls on.
int64_t drawn_block(const MaskStep& step, int64_t row, int64_t draw) {
  const uint64_t key = mix64(mix64(step.seed ^ (static_cast<uint64_t>(row) << 20)) ^ static_cast<uint64_t>(draw));
  return static_cast<int64_t>(key % static_cast<uint64_t>(row));
}

// Whether block `row` draws one of the blocks [first, last] before it.
bool draws_any(const MaskStep& step, int64_t row, int64_t first, int64_t last) {
  if (first >= row) return false;
  for (int64_t draw = 0; draw < step.count; ++draw) {
    const int64_t block = drawn_block(step, row, draw);
    if (block >= first && block <= last) return true;
  }
  return false;
}

bool blocks_meet(const MaskStep& step, int64_t a, int64_t b) {
  const int64_t low = std::min(a, b), high = std::max(a, b);
  return high - low <= 1 || draws_any(step, high, low, low);
}

uint64_t block_sparse_bits(const MaskStep& step, int64_t query, int64_t key, int64_t count) {
  uint64_t bits = 0;
  for (int64_t block = key / step.value; block * step.value < key + count; ++block)
    if (blocks_meet(step, query / step.value, block))
      bits |= bits_between(block * step.value - key, (block + 1) * step.value - key);
  return bits;
}

Verdict judge_blocks(const MaskStep& step, int64_t q0, int64_t q1, int64_t k0, int64_t k1) {
  const int64_t first_q = q0 / step.value, last_q = (q1 - 1) / step.value;
  const int64_t first_k = k0 / step.value, last_k = (k1 - 1) / step.value;
  if (last_q - first_k <= 1 && last_k - first_q <= 1) return Verdict::all;
  if (first_q == last_q && first_k == last_k) return blocks_meet(step, first_q, first_k) ? Verdict::all : Verdict::none;
  if (first_k <= last_q + 1 && first_q <= last_k + 1) return Verdict::mixed;
  if ((last_q - first_q + last_k - first_k) * step.count > kLargestLook) return Verdict::mixed;
  for (int64_t row = first_q; row <= last_q; ++row)
    if (draws_any(step, row, first_k, last_k)) return Verdict::mixed;
  for (int64_t row = first_k; row <= last_k; ++row)
    if (draws_any(step, row, first_q, last_q)) return Verdict::mixed;
  return Verdict::none;
}

bool are_one_document(const MaskFacts& facts) { return facts.query_document.empty() || facts.key_document.empty(); }

// The numbers of [begin, end) within a span; fewer where it ends.
std::span<const int32_t> documents_of(std::span<const int32_t> documents, int64_t start, int64_t begin, int64_t end) {
  const auto size = std::ssize(documents);
  const int64_t from = std::clamp<int64_t>(begin - start, 0, size), to = std::clamp<int64_t>(end - start, from, size);
  return documents.subspan(static_cast<size_t>(from), static_cast<size_t>(to - from));
}

uint64_t document_bits(const MaskFacts& facts, int64_t query, int64_t key, int64_t count) {
  if (are_one_document(facts)) return ~uint64_t{0};
  const auto of_query = documents_of(facts.query_document, facts.query_start, query, query + 1);
  if (of_query.empty()) return 0;
  const int64_t before = std::clamp<int64_t>(facts.key_start - key, 0, count);
  const auto of_keys = documents_of(facts.key_document, facts.key_start, key, key + count);
  uint64_t bits = 0;
  for (size_t j = 0; j < of_keys.size(); ++j) bits |= uint64_t{of_keys[j] == of_query[0]} << j;
  return before < kWord ? bits << before : 0;
}

struct Extent {
  int32_t least, most;
};

Extent extent(std::span<const int32_t> documents, bool ascend) {
  if (ascend) return {documents.front(), documents.back()};
  const auto [least, most] = std::ranges::minmax(documents);
  return {least, most};
}

Verdict judge_documents(const MaskFacts& facts, int64_t q0, int64_t q1, int64_t k0, int64_t k1) {
  if (are_one_document(facts)) return Verdict::all;
  const auto queries = documents_of(facts.query_document, facts.query_start, q0, q1);
  const auto keys = documents_of(facts.key_document, facts.key_start, k0, k1);
  if (queries.empty() || keys.empty()) return Verdict::none;
  if (!facts.documents_ascend && std::ssize(queries) + std::ssize(keys) > kLargestLook) return Verdict::mixed;
  const Extent q = extent(queries, facts.documents_ascend), k = extent(keys, facts.documents_ascend);
  const bool whole = std::ssize(queries) == q1 - q0 && std::ssize(keys) == k1 - k0;
  return decide(whole && q.least == q.most && k.least == k.most && q.least == k.least,
                q.most < k.least || k.most < q.least);
}

// The first range that ends after a position.
const KeyRange* range_after(std::span<const KeyRange> ranges, int64_t position) {
  return std::ranges::upper_bound(ranges, position, {}, &KeyRange::end).base();
}

uint64_t range_bits(std::span<const KeyRange> ranges, int64_t key, int64_t count) {
  uint64_t bits = 0;
  const KeyRange* end = ranges.data() + ranges.size();
  for (const KeyRange* range = range_after(ranges, key); range != end && range->begin < key + count; ++range)
    bits |= bits_between(range->begin - key, range->end - key);
  return bits;
}

Verdict judge_ranges(std::span<const KeyRange> ranges, int64_t k0, int64_t k1) {
  const KeyRange* range = range_after(ranges, k0);
  if (range == ranges.data() + ranges.size() || range->begin >= k1) return Verdict::none;
  return range->begin <= k0 && range->end >= k1 ? Verdict::all : Verdict::mixed;
}

uint64_t dilated_bits(int64_t step, int64_t difference) {
  uint64_t bits = 0;
  for (int64_t j = (difference % step + step) % step; j < kWord; j += step) bits |= uint64_t{1} << j;
  return bits;
}

int64_t floor_quotient(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

}  // namespace

uint64_t mask_bits(const MaskStep& step, std::span<const KeyRange> ranges, int64_t query, int64_t key, int64_t count,
                   const MaskFacts& facts) {
  const int64_t value = step.value, difference = query - key;
  switch (step.kind) {
    case Kind::causal: return bits_between(0, difference + 1);
    case Kind::window: return bits_between(difference - value + 1, difference + value);
    case Kind::dilated: return dilated_bits(value, difference);
    case Kind::prefix: return bits_between(0, value - key);
    case Kind::block: return bits_between(query / value * value - key, (query / value + 1) * value - key);
    case Kind::before_block: {
      const int64_t end = query / value * value - key;
      return bits_between(end - step.count, end);
    }
    case Kind::diagonal: return bits_between(difference, difference + 1);
    case Kind::global: return query < value ? ~uint64_t{0} : bits_between(0, value - key);
    case Kind::block_sparse: return block_sparse_bits(step, query, key, count);
    case Kind::document: return document_bits(facts, query, key, count);
    case Kind::padding: return bits_between(0, facts.padding_begin - key);
    case Kind::arbitrary: return range_bits(ranges, key, count);
    default: return ~uint64_t{0};
  }
}

Verdict judge_mask(const MaskStep& step, std::span<const KeyRange> ranges, int64_t q0, int64_t q1, int64_t k0,
                   int64_t k1, const MaskFacts& facts) {
  const int64_t nearest = q0 - (k1 - 1), farthest = (q1 - 1) - k0;  // range of query - key
  const int64_t value = step.value;
  switch (step.kind) {
    case Kind::full: return Verdict::all;
    case Kind::causal: return decide(nearest >= 0, farthest < 0);
    case Kind::window: return decide(nearest > -value && farthest < value, nearest >= value || farthest <= -value);
    case Kind::dilated: return decide(value == 1, floor_quotient(farthest, value) * value < nearest);
    case Kind::prefix: return decide(k1 <= value, k0 >= value);
    case Kind::block:
      return decide(q0 / value == (q1 - 1) / value && q0 / value == k0 / value && k0 / value == (k1 - 1) / value,
                    (q1 - 1) / value < k0 / value || (k1 - 1) / value < q0 / value);
    case Kind::before_block: {
      const int64_t first = q0 / value * value, last = (q1 - 1) / value * value;
      return decide(k0 >= last - step.count && k1 <= first, k0 >= last || k1 <= first - step.count);
    }
    case Kind::diagonal: return decide(nearest == 0 && farthest == 0, nearest > 0 || farthest < 0);
    case Kind::global: return decide(q1 <= value || k1 <= value, q0 >= value && k0 >= value);
    case Kind::block_sparse: return judge_blocks(step, q0, q1, k0, k1);
    case Kind::document: return judge_documents(facts, q0, q1, k0, k1);
    case Kind::padding: return decide(k1 <= facts.padding_begin, k0 >= facts.padding_begin);
    case Kind::arbitrary: return judge_ranges(ranges, k0, k1);
    default: return Verdict::mixed;
  }
}

}  // namespace heddle::kernels
