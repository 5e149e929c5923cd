#include "heddle/lab/tasks/markov.h"

#include <cmath>

#include "heddle/base/error.h"

namespace heddle::lab {
namespace {

size_t draw(const double* probabilities, size_t count, RandomStream& random) {
  double left = random.uniform();
  for (size_t i = 0; i + 1 < count; ++i)
    if ((left -= probabilities[i]) < 0) return i;
  return count - 1;
}

double entropy(std::span<const double> weights) {
  double sum = 0, weighted = 0;
  for (const double w : weights) {
    sum += w;
    if (w > 0) weighted += w * std::log(w);
  }
  return sum > 0 ? sum * std::log(sum) - weighted : 0;  // Σw · H(w / Σw)
}

}  // namespace

MarkovSource::MarkovSource(int order, int64_t vocab, double sharpness, RandomStream random)
    : order_(order), vocab_(vocab), contexts_(1) {
  HEDDLE_CHECK(order >= 1 && vocab >= 2, "a Markov source of order {} over {} tokens", order, vocab);
  for (int i = 0; i < order; ++i) contexts_ *= static_cast<size_t>(vocab);
  const auto n = static_cast<size_t>(vocab);
  next_.resize(contexts_ * n);
  for (size_t c = 0; c < contexts_; ++c) {
    double sum = 0;
    for (size_t x = 0; x < n; ++x) sum += next_[c * n + x] = std::exp(sharpness * random.normal());
    for (size_t x = 0; x < n; ++x) next_[c * n + x] /= sum;
  }
  stationary_.assign(contexts_, 1.0 / static_cast<double>(contexts_));
  double change = 1;
  for (int round = 0; round < 10000 && change > 1e-13; ++round) {
    std::vector<double> after(contexts_, 0.0);
    for (size_t c = 0; c < contexts_; ++c)
      for (size_t x = 0; x < n; ++x) after[(c * n + x) % contexts_] += stationary_[c] * next_[c * n + x];
    change = 0;
    for (size_t c = 0; c < contexts_; ++c) change += std::abs(after[c] - stationary_[c]);
    stationary_ = std::move(after);
  }
}

size_t MarkovSource::context(std::span<const int32_t> before) const {
  HEDDLE_CHECK(std::ssize(before) >= order_, "{} tokens are less than the order {}", before.size(), order_);
  size_t c = 0;
  for (const int32_t x : before.last(static_cast<size_t>(order_)))
    c = c * static_cast<size_t>(vocab_) + static_cast<size_t>(x);
  return c;
}

double MarkovSource::probability(std::span<const int32_t> before, int32_t next) const {
  return next_[context(before) * static_cast<size_t>(vocab_) + static_cast<size_t>(next)];
}

std::vector<int32_t> MarkovSource::sequence(int64_t length, RandomStream& random) const {
  const auto n = static_cast<size_t>(vocab_);
  size_t c = draw(stationary_.data(), contexts_, random);
  std::vector<int32_t> tokens(static_cast<size_t>(order_));
  for (size_t digits = c, i = tokens.size(); i-- > 0; digits /= n) tokens[i] = static_cast<int32_t>(digits % n);
  while (std::ssize(tokens) < length) {
    const size_t x = draw(&next_[c * n], n, random);
    tokens.push_back(static_cast<int32_t>(x));
    c = (c * n + x) % contexts_;
  }
  tokens.resize(static_cast<size_t>(length));
  return tokens;
}

double MarkovSource::entropy_given(int known) const {
  HEDDLE_CHECK(known >= 0 && known <= order_, "H(next | {} tokens) of a source of order {}", known, order_);
  const auto n = static_cast<size_t>(vocab_);
  size_t groups = 1;
  for (int i = 0; i < known; ++i) groups *= n;
  std::vector<double> joint(groups * n, 0.0);  // p(last `known` tokens, next)
  for (size_t c = 0; c < contexts_; ++c)
    for (size_t x = 0; x < n; ++x) joint[c % groups * n + x] += stationary_[c] * next_[c * n + x];
  double sum = 0;
  for (size_t g = 0; g < groups; ++g) sum += entropy({&joint[g * n], n});
  return sum;
}

data::TranslationBatch MarkovSource::batch(std::span<const int64_t> lengths, RandomStream& random,
                                           int64_t first_example) const {
  data::TranslationBatch batch;
  for (const int64_t length : lengths) {
    std::vector<int32_t> tokens = sequence(length + 1, random);
    batch.target_in.add(first_example, std::span(tokens).first(tokens.size() - 1));
    for (size_t i = 0; i < static_cast<size_t>(order_) && i < tokens.size(); ++i) tokens[i] = -1;
    batch.target_out.add(first_example++, std::span(tokens).subspan(1));
  }
  return batch;
}

double MarkovSource::loss(const data::TranslationBatch& batch) const {
  double sum = 0;
  int64_t targets = 0;
  for (int64_t s = 0; s < batch.target_in.sequences(); ++s) {
    const std::span<const int32_t> in = batch.target_in.sequence(s), out = batch.target_out.sequence(s);
    for (size_t i = 0; i < out.size(); ++i) {
      if (out[i] < 0) continue;
      sum -= std::log(probability(in.first(i + 1), out[i]));
      ++targets;
    }
  }
  return sum / static_cast<double>(std::max<int64_t>(1, targets));
}

}  // namespace heddle::lab
