#include "heddle/kernels/mask.h"

#include <algorithm>
#include <cstdlib>

namespace heddle::kernels {
namespace {

using Verdict = Mask::Verdict;

// All when the whole range of a value satisfies a condition, none when its complement does.
Verdict decide(bool all, bool none) { return all ? Verdict::all : none ? Verdict::none : Verdict::mixed; }

Verdict both(Verdict a, Verdict b) {
  if (a == Verdict::none || b == Verdict::none) return Verdict::none;
  return a == Verdict::all && b == Verdict::all ? Verdict::all : Verdict::mixed;
}

Verdict negation(Verdict a) {
  return a == Verdict::all ? Verdict::none : a == Verdict::none ? Verdict::all : Verdict::mixed;
}

}  // namespace

Mask::Mask(Kind kind, int64_t value) {
  HEDDLE_CHECK(value > 0 || (kind != Kind::window && kind != Kind::dilated && kind != Kind::block),
               "a mask's width, step or block size must be positive, got {}", value);
  append({kind, value});
}

Mask::Mask(const Mask& a, const Mask& b, Kind join) {
  for (int i = 0; i < a.count_; ++i) append(a.steps_[i]);
  for (int i = 0; i < b.count_; ++i) append(b.steps_[i]);
  append({join, 0});
}

Mask Mask::operator~() const {
  Mask negated = *this;
  negated.append({Kind::negate, 0});
  return negated;
}

void Mask::append(Step step) {
  HEDDLE_CHECK(count_ < kMostSteps, "a mask has at most {} parts", kMostSteps);
  steps_[count_++] = step;
}

bool Mask::test(Step step, int64_t query, int64_t key) {
  switch (step.kind) {
    case Kind::causal: return key <= query;
    case Kind::window: return std::abs(query - key) < step.value;
    case Kind::dilated: return (query - key) % step.value == 0;
    case Kind::prefix: return key < step.value;
    case Kind::block: return query / step.value == key / step.value;
    case Kind::diagonal: return query == key;
    default: return true;
  }
}

Mask::Verdict Mask::judge(Step step, int64_t q0, int64_t q1, int64_t k0, int64_t k1) {
  const int64_t nearest = q0 - (k1 - 1), farthest = (q1 - 1) - k0;  // range of query - key
  switch (step.kind) {
    case Kind::full: return Verdict::all;
    case Kind::causal: return decide(nearest >= 0, farthest < 0);
    case Kind::window:
      return decide(nearest > -step.value && farthest < step.value, nearest >= step.value || farthest <= -step.value);
    case Kind::prefix: return decide(k1 <= step.value, k0 >= step.value);
    case Kind::block: {
      const int64_t first_q = q0 / step.value, last_q = (q1 - 1) / step.value;
      const int64_t first_k = k0 / step.value, last_k = (k1 - 1) / step.value;
      return decide(first_q == last_q && first_k == last_k && first_q == first_k, last_q < first_k || last_k < first_q);
    }
    case Kind::diagonal: return decide(false, nearest > 0 || farthest < 0);
    default: return Verdict::mixed;
  }
}

bool Mask::allowed(int64_t query, int64_t key) const {
  std::array<bool, kMostSteps> stack{};
  int top = 0;
  for (int i = 0; i < count_; ++i) {
    switch (steps_[i].kind) {
      case Kind::both:
        --top;
        stack[top - 1] = stack[top - 1] && stack[top];
        break;
      case Kind::either:
        --top;
        stack[top - 1] = stack[top - 1] || stack[top];
        break;
      case Kind::negate: stack[top - 1] = !stack[top - 1]; break;
      default: stack[top++] = test(steps_[i], query, key);
    }
  }
  return stack[0];
}

bool Mask::looks_ahead(int64_t length) const { return length > 1 && looks_ahead(0, length); }

// Within the triangle of keys after queries.
bool Mask::looks_ahead(int64_t begin, int64_t end) const {
  if (end - begin < 2) return false;
  const int64_t middle = begin + (end - begin) / 2;
  return sees_any(begin, middle, middle, end) || looks_ahead(begin, middle) || looks_ahead(middle, end);
}

bool Mask::sees_any(int64_t q0, int64_t q1, int64_t k0, int64_t k1) const {
  switch (verdict(q0, q1, k0, k1)) {
    case Verdict::none: return false;
    case Verdict::all: return true;
    default: break;
  }
  if (q1 - q0 == 1 && k1 - k0 == 1) return allowed(q0, k0);
  if (q1 - q0 > k1 - k0) {
    const int64_t middle = q0 + (q1 - q0) / 2;
    return sees_any(q0, middle, k0, k1) || sees_any(middle, q1, k0, k1);
  }
  const int64_t middle = k0 + (k1 - k0) / 2;
  return sees_any(q0, q1, k0, middle) || sees_any(q0, q1, middle, k1);
}

Mask::Verdict Mask::verdict(int64_t q0, int64_t q1, int64_t k0, int64_t k1) const {
  std::array<Verdict, kMostSteps> stack{};
  int top = 0;
  for (int i = 0; i < count_; ++i) {
    switch (steps_[i].kind) {
      case Kind::both:
        --top;
        stack[top - 1] = both(stack[top - 1], stack[top]);
        break;
      case Kind::either:
        --top;
        stack[top - 1] = negation(both(negation(stack[top - 1]), negation(stack[top])));
        break;
      case Kind::negate: stack[top - 1] = negation(stack[top - 1]); break;
      default: stack[top++] = judge(steps_[i], q0, q1, k0, k1);
    }
  }
  return stack[0];
}

}  // namespace heddle::kernels
