#include "heddle/lab/tasks/pairwise_scorer.h"

#include <algorithm>
#include <cmath>

namespace heddle::lab {

PairwiseScorer::PairwiseScorer(int64_t vocab, int64_t places)
    : vocab_(vocab),
      places_(places),
      tables_(static_cast<size_t>(vocab * vocab * places * 2), 0.0),
      first_(tables_),
      second_(tables_) {
  // Nearer places start with larger weights, so that symmetry is broken; g starts at zero.
  for (size_t i = 0; i < tables_.size(); i += 2)
    tables_[i] = -0.1 * static_cast<double>(static_cast<int64_t>(i / 2) % places);
}

double PairwiseScorer::score(std::span<const int32_t> before, int32_t target, std::vector<double>* gradient) const {
  const size_t n = before.size();
  const auto at = [&](int64_t candidate, size_t i) {
    const int64_t place = std::min(static_cast<int64_t>(n - 1 - i), places_ - 1);
    return static_cast<size_t>(((candidate * vocab_ + before[i]) * places_ + place) * 2);
  };
  std::vector<double> alpha(static_cast<size_t>(vocab_) * n), f(static_cast<size_t>(vocab_), 0.0);
  double sum = 0;
  for (int64_t c = 0; c < vocab_; ++c) {
    double* row = &alpha[static_cast<size_t>(c) * n];
    double total = 0;
    for (size_t i = 0; i < n; ++i) total += row[i] = std::exp(tables_[at(c, i)]);
    for (size_t i = 0; i < n; ++i) f[static_cast<size_t>(c)] += (row[i] /= total) * tables_[at(c, i) + 1];
    sum += std::exp(f[static_cast<size_t>(c)]);
  }
  if (gradient)
    for (int64_t c = 0; c < vocab_; ++c) {
      const double own = f[static_cast<size_t>(c)], df = std::exp(own) / sum - (c == target ? 1 : 0);
      for (size_t i = 0; i < n; ++i) {
        const double flow = df * alpha[static_cast<size_t>(c) * n + i];
        (*gradient)[at(c, i)] += flow * (tables_[at(c, i) + 1] - own);
        (*gradient)[at(c, i) + 1] += flow;
      }
    }
  return std::log(sum) - f[static_cast<size_t>(target)];
}

double PairwiseScorer::walk(const data::TranslationBatch& batch, std::vector<double>* gradient) const {
  double loss = 0, targets = 0;
  for (int64_t s = 0; s < batch.target_in.sequences(); ++s) {
    const std::span<const int32_t> in = batch.target_in.sequence(s), out = batch.target_out.sequence(s);
    for (size_t t = 0; t < out.size(); ++t) {
      if (out[t] < 0) continue;
      loss += score(in.first(t + 1), out[t], gradient);
      ++targets;
    }
  }
  if (gradient)
    for (double& value : *gradient) value /= std::max(1.0, targets);
  return loss / std::max(1.0, targets);
}

double PairwiseScorer::loss(const data::TranslationBatch& batch) const { return walk(batch, nullptr); }

double PairwiseScorer::step(const data::TranslationBatch& batch, double learning_rate) {
  std::vector<double> gradient(tables_.size(), 0.0);
  const double loss = walk(batch, &gradient);
  ++steps_;
  constexpr double kBeta1 = 0.9, kBeta2 = 0.99;
  const double fade1 = 1 - std::pow(kBeta1, static_cast<double>(steps_)),
               fade2 = 1 - std::pow(kBeta2, static_cast<double>(steps_));
  for (size_t i = 0; i < tables_.size(); ++i) {
    first_[i] = kBeta1 * first_[i] + (1 - kBeta1) * gradient[i];
    second_[i] = kBeta2 * second_[i] + (1 - kBeta2) * gradient[i] * gradient[i];
    tables_[i] -= learning_rate * first_[i] / fade1 / (std::sqrt(second_[i] / fade2) + 1e-9);
  }
  return loss;
}

}  // namespace heddle::lab
