#include "heddle/data/sampling/source_mixer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heddle/base/error.h"
#include "heddle/data/sampling/class_sampling.h"

namespace heddle::data {

std::vector<double> source_probabilities(std::span<const int64_t> sizes, double temperature,
                                         std::span<const double> weights) {
  if (!(temperature >= 1))
    fail_input("the sampling temperature is {}; expected 1 (by size) or more (more even)", temperature);
  if (!weights.empty() && weights.size() != sizes.size())
    fail_input("{} weights are given for {} sources", weights.size(), sizes.size());
  std::vector<double> shares;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const double weight = weights.empty() ? 1 : weights[i];
    if (!(weight >= 0) || std::isinf(weight))
      fail_input("source {} has the weight {}; expected 0 or more", i + 1, weight);
    shares.push_back(sizes[i] == 0 ? 0 : weight * std::pow(static_cast<double>(sizes[i]), 1 / temperature));
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (!(sum > 0)) fail_input("no source has both examples and a weight above 0; nothing can be drawn");
  for (double& share : shares) share /= sum;
  return shares;
}

SourceMixer::SourceMixer(std::span<const int64_t> sizes, std::vector<double> probabilities, RandomKey key)
    : key_(key), random_(key) {
  for (int64_t size : sizes)
    sources_.push_back({std::vector<int64_t>(static_cast<size_t>(size)), static_cast<size_t>(size)});
  upto_.resize(probabilities.size());
  std::partial_sum(probabilities.begin(), probabilities.end(), upto_.begin());
}

SourceExample SourceMixer::next() {
  const double at = random_.uniform() * upto_.back();
  const auto chosen = std::ranges::upper_bound(upto_, at) - upto_.begin();
  Source& source = sources_[static_cast<size_t>(chosen)];
  if (source.at == source.order.size()) {
    RandomKey round = key_.at(mix64(static_cast<uint64_t>(chosen)));
    round.pass = source.round++;
    source.order = uniform_order(std::ssize(source.order), round);
    source.at = 0;
  }
  return {static_cast<int32_t>(chosen), source.order[source.at++]};
}

}  // namespace heddle::data
