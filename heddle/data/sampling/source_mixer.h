#pragma once
// Several sources in one stream of examples, by temperature: source i of n_i examples with weight w_i is drawn with
// probability w_i n_i^(1/T) / Σ (Devlin et al. 2019, Conneau et al. 2020). T = 1 keeps the sizes, large T evens them
// out.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::data {

// Throws InputError for a temperature below 1, and weights that are negative, no number, or all 0. `weights` may be
// empty: all 1.
std::vector<double> source_probabilities(std::span<const int64_t> sizes, double temperature,
                                         std::span<const double> weights = {});

struct SourceExample {
  int32_t source;
  int64_t example;  // of the source, from 0
  bool operator==(const SourceExample&) const = default;
};

// An endless stream: each source is gone through in random order before an example of it comes again. Resumed by
// drawing as often once more.
class SourceMixer {
 public:
  SourceMixer(std::span<const int64_t> sizes, std::vector<double> probabilities, RandomKey key);

  SourceExample next();

 private:
  struct Source {
    std::vector<int64_t> order;
    size_t at = 0;
    uint64_t round = 0;
  };
  std::vector<Source> sources_;
  std::vector<double> upto_;  // sums of the probabilities
  RandomKey key_;
  RandomStream random_;
};

}  // namespace heddle::data
