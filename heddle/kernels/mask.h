#pragma once
// Which keys a query may see, as a value: causal() & window(128) & ~diagonal().
//
// A mask is a small postfix program over (query position, key position), both absolute within their
// sequence. Kernels ask it tile by tile: a tile that sees nothing is skipped, one that sees everything
// needs no test per element. A row with nothing to see gives zeros.

#include <array>
#include <cstdint>

#include "heddle/base/error.h"

namespace heddle::kernels {

class Mask {
 public:
  static Mask full() { return Mask(Kind::full, 0); }
  // key <= query
  static Mask causal() { return Mask(Kind::causal, 0); }
  // |query - key| < width
  static Mask window(int64_t width) { return Mask(Kind::window, width); }
  // (query - key) divisible by step
  static Mask dilated(int64_t step) { return Mask(Kind::dilated, step); }
  // key < length
  static Mask prefix(int64_t length) { return Mask(Kind::prefix, length); }
  // query and key in the same block of `size` positions
  static Mask block(int64_t size) { return Mask(Kind::block, size); }
  // key == query
  static Mask diagonal() { return Mask(Kind::diagonal, 0); }

  Mask() : Mask(Kind::full, 0) {}
  // Written the same way.
  bool operator==(const Mask&) const = default;
  friend Mask operator&(const Mask& a, const Mask& b) { return Mask(a, b, Kind::both); }
  friend Mask operator|(const Mask& a, const Mask& b) { return Mask(a, b, Kind::either); }
  Mask operator~() const;

  // Values and operators of which it is made.
  int parts() const { return count_; }
  static constexpr int kMostParts = 16;

  bool allowed(int64_t query, int64_t key) const;

  // Whether any query before `length` sees a later key.
  bool looks_ahead(int64_t length) const;

  enum class Verdict : uint8_t { none, all, mixed };
  // For all queries in [query_begin, query_end) and keys in [key_begin, key_end); "mixed" when unsure.
  Verdict verdict(int64_t query_begin, int64_t query_end, int64_t key_begin, int64_t key_end) const;

 private:
  enum class Kind : uint8_t { full, causal, window, dilated, prefix, block, diagonal, both, either, negate };
  struct Step {
    Kind kind;
    int64_t value;
    bool operator==(const Step&) const = default;
  };
  static constexpr int kMostSteps = kMostParts;

  Mask(Kind kind, int64_t value);
  Mask(const Mask& a, const Mask& b, Kind join);
  void append(Step step);
  bool sees_any(int64_t q0, int64_t q1, int64_t k0, int64_t k1) const;
  bool looks_ahead(int64_t begin, int64_t end) const;
  static bool test(Step step, int64_t query, int64_t key);
  static Verdict judge(Step step, int64_t q0, int64_t q1, int64_t k0, int64_t k1);

  std::array<Step, kMostSteps> steps_{};
  int count_ = 0;
};

}  // namespace heddle::kernels
