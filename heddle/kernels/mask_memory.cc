// What a cache must keep for a mask: the keys that later queries may still see.
//
// Two sets of keys are followed through the program: those that some query from `query` on may see, never too few, and
// those that all of them see, never too many. A negation turns one into the other's complement.

#include <algorithm>
#include <limits>

#include "heddle/kernels/key_ranges.h"
#include "heddle/kernels/mask.h"

namespace heddle::kernels {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

using Ranges = std::vector<KeyRange>;  // ascending and apart, within [0, kEnd)

Ranges all_keys() { return {{0, kEnd}}; }
Ranges keys_before(int64_t end) { return end > 0 ? Ranges{{0, end}} : Ranges{}; }
Ranges keys_from(int64_t begin) { return {{std::max<int64_t>(begin, 0), kEnd}}; }

Ranges complement(const Ranges& keys) {
  Ranges others;
  int64_t begin = 0;
  for (const KeyRange& range : keys) {
    if (begin < range.begin) others.push_back({begin, range.begin});
    begin = range.end;
  }
  if (begin < kEnd) others.push_back({begin, kEnd});
  return others;
}

Ranges in_either(Ranges a, std::span<const KeyRange> b) {
  a.insert(a.end(), b.begin(), b.end());
  return united(std::move(a));
}

struct Sight {
  Ranges by_some, by_all;  // of the queries from one on
};

Sight sight_of(const MaskStep& step, std::span<const KeyRange> ranges, int64_t query) {
  using Kind = MaskStep::Kind;
  const int64_t value = step.value;
  switch (step.kind) {
    case Kind::full: return {all_keys(), all_keys()};
    case Kind::causal: return {all_keys(), keys_before(query + 1)};
    case Kind::window: return {keys_from(query - value + 1), {}};
    case Kind::dilated: return {all_keys(), value == 1 ? all_keys() : Ranges{}};
    case Kind::prefix: return {keys_before(value), keys_before(value)};
    case Kind::block: return {keys_from(query / value * value), {}};
    case Kind::before_block: return {keys_from(query / value * value - step.count), {}};
    case Kind::diagonal: return {keys_from(query), {}};
    case Kind::global: return {query < value ? all_keys() : keys_before(value), keys_before(value)};
    case Kind::block_sparse: return {step.count ? all_keys() : keys_from((query / value - 1) * value), {}};
    case Kind::arbitrary: {
      Ranges keys;
      for (const KeyRange& range : ranges)
        if (range.end > 0) keys.push_back({std::max<int64_t>(range.begin, 0), range.end});
      return {keys, keys};
    }
    default: return {all_keys(), {}};  // documents and padding are not known here
  }
}

}  // namespace

std::vector<KeyRange> Mask::still_visible(int64_t query) const {
  std::vector<Sight> stack;
  const auto take = [&] {
    Sight top = std::move(stack.back());
    stack.pop_back();
    return top;
  };
  for (size_t i = 0; i < static_cast<size_t>(count_); ++i) {
    const MaskStep& step = steps_[i];
    if (step.kind == Kind::negate) {
      const Sight a = take();
      stack.push_back({complement(a.by_all), complement(a.by_some)});
    } else if (step.kind == Kind::both || step.kind == Kind::either) {
      const Sight b = take(), a = take();
      if (step.kind == Kind::both) stack.push_back({in_both(a.by_some, b.by_some), in_both(a.by_all, b.by_all)});
      else stack.push_back({in_either(a.by_some, b.by_some), in_either(a.by_all, b.by_all)});
    } else {
      stack.push_back(sight_of(step, ranges(step), query));
    }
  }
  return in_both(stack[0].by_some, keys_before(query));
}

}  // namespace heddle::kernels
