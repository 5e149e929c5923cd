#pragma once
// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
//
// A draw is a pure function of a key and a counter, so that nothing depends on memory layout, thread
// count, or the order of calls. Keys carry meaning: RandomKey{seed, step, pass, site} says which run,
// which optimizer step, which repetition of the forward pass (R-Drop, Monte-Carlo dropout) and which
// stable place in the model; the counter carries (example number in the global batch, row within
// that example, column). So dropout is the same for a batch that is split, packed otherwise,
// recomputed, or spread over ranks.

#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace heddle {

using Philox4 = std::array<uint32_t, 4>;

// One Philox4x32-10 block: 128 random bits for (counter, key).
constexpr Philox4 philox(Philox4 counter, uint64_t key) {
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53u} * counter[0];
    const uint64_t p1 = uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<uint32_t>(p1 >> 32) ^ counter[1] ^ k0, static_cast<uint32_t>(p1),
               static_cast<uint32_t>(p0 >> 32) ^ counter[3] ^ k1, static_cast<uint32_t>(p0)};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return counter;
}

// A strong 64-bit mix (the finalizer of SplitMix64), used to fold meanings into a key.
constexpr uint64_t mix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// FNV-1a of a stable name, e.g. "encoder.layer.3.attention.dropout".
constexpr uint64_t site_id(std::string_view name) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

// What a random decision is for. `key()` folds it into Philox's 64-bit key.
struct RandomKey {
  uint64_t seed = 0;
  uint64_t step = 0;
  uint64_t pass = 0;
  uint64_t site = 0;

  constexpr RandomKey at(uint64_t new_site) const { return {seed, step, pass, new_site}; }
  constexpr RandomKey at(std::string_view name) const { return at(site_id(name)); }
  constexpr uint64_t key() const { return mix64(mix64(mix64(mix64(seed) ^ step) ^ pass) ^ site); }
};

// The dropout decision for one element: 16 random bits of the block that eight neighbouring
// columns share. `example` is the number in the global batch, `row` the position in the example.
constexpr uint32_t random16(uint64_t key, uint64_t example, uint32_t row, uint32_t column) {
  const Philox4 block =
      philox({column / 8, row, static_cast<uint32_t>(example), static_cast<uint32_t>(example >> 32)}, key);
  const uint32_t word = block[column % 8 / 2];
  return column % 2 == 0 ? word & 0xFFFFu : word >> 16;
}

// An element is dropped when random16 < drop_threshold(p): probability p to within 2^-17.
inline uint32_t drop_threshold(double p) { return static_cast<uint32_t>(std::lround(p * 65536.0)); }

// A sequence of draws from one key: for shuffles, initialisation, and sampling.
class RandomStream {
 public:
  explicit constexpr RandomStream(RandomKey key, uint64_t stream = 0) : key_(key.key()), stream_(stream) {}

  uint32_t next32() {
    if (used_ == 4) refill();
    return block_[used_++];
  }
  uint64_t next64() {
    const uint64_t high = next32();
    return high << 32 | next32();
  }
  // Uniform in [0, 1) with 53 bits.
  double uniform() { return static_cast<double>(next64() >> 11) * 0x1.0p-53; }
  // Uniform in [0, bound), unbiased (Lemire 2019); bound > 0.
  uint64_t below(uint64_t bound) {
    for (;;) {
      const unsigned __int128 product = static_cast<unsigned __int128>(next64()) * bound;
      if (static_cast<uint64_t>(product) >= (0 - bound) % bound) return static_cast<uint64_t>(product >> 64);
    }
  }
  // Standard normal by Box–Muller.
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }
  // How many 128-bit blocks were drawn; a stream set to this position continues the same way.
  uint64_t position() const { return counter_; }
  void seek(uint64_t position) {
    counter_ = position;
    used_ = 4;
  }

 private:
  void refill() {
    block_ = philox({static_cast<uint32_t>(counter_), static_cast<uint32_t>(counter_ >> 32),
                     static_cast<uint32_t>(stream_), static_cast<uint32_t>(stream_ >> 32)},
                    key_);
    ++counter_;
    used_ = 0;
  }
  uint64_t key_, stream_, counter_ = 0;
  Philox4 block_{};
  int used_ = 4;
};

// Puts the values into a random order (Fisher & Yates).
template <class T>
void shuffle(std::span<T> values, RandomStream& random) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.below(i)]);
}

}  // namespace heddle
