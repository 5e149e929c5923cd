#pragma once
// Which keys a query may see, as a value: causal() & window(128) & ~diagonal().
//
// A mask is a small postfix program over (query position, key position), both absolute within their
// sequence. Kernels ask it tile by tile: a tile that sees nothing is skipped, one that sees everything
// needs no test per element. A row with nothing to see gives zeros.
//
// Read as something added to the scores, a mask is 0 or -infinity, and & is addition. bias() is the one value that is
// neither: it adds a finite number, so it may be joined by & alone; | and ~ have no meaning for it and refuse it.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "heddle/base/error.h"
#include "heddle/kernels/mask_step.h"

namespace heddle::kernels {

struct MaskBias;

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
  // key among the `length` before the block of `size` positions that holds the query
  static Mask before_block(int64_t size, int64_t length);
  // key == query
  static Mask diagonal() { return Mask(Kind::diagonal, 0); }
  // query < length or key < length: they see all and are seen by all (Longformer, Beltagy et al. 2020)
  static Mask global(int64_t length) { return Mask(Kind::global, length); }
  // Blocks of `size` positions see themselves, their neighbours and random ones (BigBird, Zaheer et al. 2020): each
  // block draws `draws` times among those before it, and sees them as they see it. The draws hang on the block's
  // number and the seed alone, so that a text sees the same whatever follows it.
  static Mask block_sparse(int64_t size, int64_t draws, uint32_t seed = 0);
  // query and key in the same document (MaskFacts says which)
  static Mask document() { return Mask(Kind::document, 0); }
  // key before the end of its sequence's real length (MaskFacts): padding shows nothing
  static Mask padding() { return Mask(Kind::padding, 0); }
  // key in one of the ranges, in any order
  static Mask arbitrary(std::span<const KeyRange> keys);
  // Hides nothing; adds `score` to the scores of the pairs that `where` lets see each other.
  static Mask bias(const Mask& where, double score);

  Mask() : Mask(Kind::full, 0) {}
  // Written the same way.
  bool operator==(const Mask& other) const;
  friend Mask operator&(const Mask& a, const Mask& b) { return Mask(a, b, Kind::both); }
  friend Mask operator|(const Mask& a, const Mask& b) { return Mask(a, b, Kind::either); }
  Mask operator~() const;

  // Values and operators of which it is made.
  int parts() const { return count_; }
  static constexpr int kMostParts = 16;

  bool allowed(int64_t query, int64_t key, const MaskFacts& facts = {}) const {
    return visible(query, key, 1, facts) & 1;
  }
  // Bit j: whether the query sees key + j, for j < count <= 64; the bits after are 0.
  uint64_t visible(int64_t query, int64_t key, int64_t count, const MaskFacts& facts = {}) const;

  // Whether any query before `length` sees a later key; true when it cannot be told in short.
  bool looks_ahead(int64_t length) const;

  using Verdict = MaskVerdict;
  // For all queries in [query_begin, query_end) and keys in [key_begin, key_end); "mixed" when unsure.
  Verdict verdict(int64_t query_begin, int64_t query_end, int64_t key_begin, int64_t key_end,
                  const MaskFacts& facts = {}) const;

  // The keys before `query` that it or a later query may see, as ascending ranges, each as wide as it can be: what a
  // cache keeps. Keys of no range are seen by none of them; all when it cannot be told, as with documents.
  std::vector<KeyRange> still_visible(int64_t query) const;

  // What is added to scores, in the order written.
  std::span<const MaskBias> biases() const;

 private:
  using Kind = MaskStep::Kind;

  Mask(Kind kind, int64_t value);
  Mask(const Mask& a, const Mask& b, Kind join);
  void append(MaskStep step);
  std::span<const KeyRange> ranges(const MaskStep& step) const;

  std::array<MaskStep, kMostParts> steps_{};
  int count_ = 0;
  std::shared_ptr<const std::vector<KeyRange>> ranges_;  // of its arbitrary values; null: none
  std::shared_ptr<const std::vector<MaskBias>> biases_;  // null: none
};

struct MaskBias {
  Mask where;
  double score;
  bool operator==(const MaskBias&) const = default;
};

}  // namespace heddle::kernels
