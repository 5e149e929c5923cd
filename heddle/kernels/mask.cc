#include "heddle/kernels/mask.h"

#include <algorithm>
#include <cmath>

#include "heddle/kernels/key_ranges.h"

namespace heddle::kernels {
namespace {

using Verdict = MaskVerdict;

constexpr int64_t kFarthest = int64_t{1} << 40;  // beyond any position, and far from where sums overflow

Verdict both(Verdict a, Verdict b) {
  if (a == Verdict::none || b == Verdict::none) return Verdict::none;
  return a == Verdict::all && b == Verdict::all ? Verdict::all : Verdict::mixed;
}

Verdict negation(Verdict a) {
  return a == Verdict::all ? Verdict::none : a == Verdict::none ? Verdict::all : Verdict::mixed;
}

Verdict either(Verdict a, Verdict b) { return negation(both(negation(a), negation(b))); }

// Both lists, the first before the second.
template <class T>
std::shared_ptr<const std::vector<T>> joined(const std::shared_ptr<const std::vector<T>>& a,
                                             const std::shared_ptr<const std::vector<T>>& b) {
  if (!a || !b) return a ? a : b;
  auto all = std::make_shared<std::vector<T>>(*a);
  all->insert(all->end(), b->begin(), b->end());
  return all;
}

template <class T>
bool same(const std::shared_ptr<const std::vector<T>>& a, const std::shared_ptr<const std::vector<T>>& b) {
  return a && b ? *a == *b : !a && !b;
}

// Whether a mask lets any query of a rectangle see any key of it; also when it runs out of questions.
class Search {
 public:
  explicit Search(const Mask& mask) : mask_(mask) {}

  // Within the triangle of keys after queries.
  bool above_diagonal(int64_t begin, int64_t end) {
    if (end - begin < 2) return false;
    const int64_t middle = begin + (end - begin) / 2;
    return rectangle(begin, middle, middle, end) || above_diagonal(begin, middle) || above_diagonal(middle, end);
  }

 private:
  bool rectangle(int64_t q0, int64_t q1, int64_t k0, int64_t k1) {
    if (--questions_ < 0) return true;
    const Verdict verdict = mask_.verdict(q0, q1, k0, k1);
    if (verdict != Verdict::mixed) return verdict == Verdict::all;
    if (q1 - q0 == 1 && k1 - k0 <= 64) return mask_.visible(q0, k0, k1 - k0) != 0;
    if (q1 - q0 > k1 - k0 || k1 - k0 <= 64) {
      const int64_t middle = q0 + (q1 - q0) / 2;
      return rectangle(q0, middle, k0, k1) || rectangle(middle, q1, k0, k1);
    }
    const int64_t middle = k0 + (k1 - k0) / 2;
    return rectangle(q0, q1, k0, middle) || rectangle(q0, q1, middle, k1);
  }

  const Mask& mask_;
  int64_t questions_ = 1'000'000;
};

}  // namespace

Mask::Mask(Kind kind, int64_t value) {
  HEDDLE_CHECK(value > 0 || (kind != Kind::window && kind != Kind::dilated && kind != Kind::block),
               "a mask's width, step or block size must be positive, got {}", value);
  append({.kind = kind, .value = std::min(value, kFarthest)});
}

Mask Mask::block_sparse(int64_t size, int64_t draws, uint32_t seed) {
  HEDDLE_CHECK(size > 0 && draws >= 0, "a mask's blocks of {} positions that draw {} others are impossible", size,
               draws);
  Mask mask;
  mask.steps_[0] = {.kind = Kind::block_sparse, .seed = seed, .value = std::min(size, kFarthest), .count = draws};
  return mask;
}

Mask Mask::before_block(int64_t size, int64_t length) {
  HEDDLE_CHECK(size > 0 && length >= 0, "the {} positions before a mask's block of {} are impossible", length, size);
  Mask mask;
  mask.steps_[0] = {
      .kind = Kind::before_block, .value = std::min(size, kFarthest), .count = std::min(length, kFarthest)};
  return mask;
}

Mask Mask::arbitrary(std::span<const KeyRange> keys) {
  std::vector<KeyRange> apart = united({keys.begin(), keys.end()});
  Mask mask;
  mask.steps_[0] = {.kind = Kind::arbitrary, .count = std::ssize(apart)};
  mask.ranges_ = std::make_shared<const std::vector<KeyRange>>(std::move(apart));
  return mask;
}

Mask Mask::bias(const Mask& where, double score) {
  HEDDLE_CHECK(where.biases().empty(), "a bias is of pairs that a mask lets see each other, not of another bias");
  HEDDLE_CHECK(std::isfinite(score), "a bias of {} is no number to add to a score", score);
  Mask mask;
  mask.biases_ = std::make_shared<const std::vector<MaskBias>>(1, MaskBias{where, score});
  return mask;
}

Mask::Mask(const Mask& a, const Mask& b, Kind join)
    : ranges_(joined(a.ranges_, b.ranges_)), biases_(joined(a.biases_, b.biases_)) {
  HEDDLE_CHECK(join == Kind::both || !biases_, "a bias can be joined to a mask by & alone");
  for (int i = 0; i < a.count_; ++i) append(a.steps_[static_cast<size_t>(i)]);
  const int64_t before = a.ranges_ ? std::ssize(*a.ranges_) : 0;
  for (int i = 0; i < b.count_; ++i) {
    MaskStep step = b.steps_[static_cast<size_t>(i)];
    if (step.kind == Kind::arbitrary) step.value += before;
    append(step);
  }
  append({.kind = join});
}

Mask Mask::operator~() const {
  HEDDLE_CHECK(!biases_, "a bias has no opposite: ~ is for masks that hide");
  Mask negated = *this;
  negated.append({.kind = Kind::negate});
  return negated;
}

bool Mask::operator==(const Mask& other) const {
  return count_ == other.count_ && steps_ == other.steps_ && same(ranges_, other.ranges_) &&
         same(biases_, other.biases_);
}

void Mask::append(MaskStep step) {
  HEDDLE_CHECK(count_ < kMostParts, "a mask has at most {} parts", kMostParts);
  steps_[static_cast<size_t>(count_++)] = step;
}

std::span<const KeyRange> Mask::ranges(const MaskStep& step) const {
  if (step.kind != Kind::arbitrary) return {};
  return std::span(*ranges_).subspan(static_cast<size_t>(step.value), static_cast<size_t>(step.count));
}

std::span<const MaskBias> Mask::biases() const {
  if (!biases_) return {};
  return *biases_;
}

uint64_t Mask::visible(int64_t query, int64_t key, int64_t count, const MaskFacts& facts) const {
  std::array<uint64_t, kMostParts> stack;
  size_t top = 0;
  for (size_t i = 0; i < static_cast<size_t>(count_); ++i) {
    const MaskStep& step = steps_[i];
    switch (step.kind) {
      case Kind::both:
        --top;
        stack[top - 1] &= stack[top];
        break;
      case Kind::either:
        --top;
        stack[top - 1] |= stack[top];
        break;
      case Kind::negate: stack[top - 1] = ~stack[top - 1]; break;
      default: stack[top++] = mask_bits(step, ranges(step), query, key, count, facts);
    }
  }
  return stack[0] & (~uint64_t{0} >> (64 - count));
}

Mask::Verdict Mask::verdict(int64_t q0, int64_t q1, int64_t k0, int64_t k1, const MaskFacts& facts) const {
  std::array<Verdict, kMostParts> stack;
  size_t top = 0;
  for (size_t i = 0; i < static_cast<size_t>(count_); ++i) {
    const MaskStep& step = steps_[i];
    switch (step.kind) {
      case Kind::both:
        --top;
        stack[top - 1] = both(stack[top - 1], stack[top]);
        break;
      case Kind::either:
        --top;
        stack[top - 1] = either(stack[top - 1], stack[top]);
        break;
      case Kind::negate: stack[top - 1] = negation(stack[top - 1]); break;
      default: stack[top++] = judge_mask(step, ranges(step), q0, q1, k0, k1, facts);
    }
  }
  return stack[0];
}

bool Mask::looks_ahead(int64_t length) const { return Search(*this).above_diagonal(0, length); }

}  // namespace heddle::kernels
