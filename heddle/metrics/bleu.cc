#include "heddle/metrics/bleu.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "heddle/base/error.h"
#include "heddle/metrics/bleu_tokenizer.h"

namespace heddle::metrics {
namespace {

constexpr int kOrders = 4;
using Ngrams = std::map<std::vector<std::string>, int64_t>;

Ngrams count_ngrams(const std::vector<std::string>& tokens) {
  Ngrams counts;
  for (size_t i = 0; i < tokens.size(); ++i)
    for (size_t n = 1; n <= kOrders && i + n <= tokens.size(); ++n)
      ++counts[std::vector<std::string>(tokens.begin() + static_cast<long>(i), tokens.begin() + static_cast<long>(i + n))];
  return counts;
}

std::vector<std::string> tokens_of(const std::string& line, const BleuOptions& options) {
  return bleu_tokens(options.tokenize, options.lowercase ? lowercase(line) : line);
}

// Adds one line's counts.
void add_line(Bleu& sums, const std::vector<std::string>& hypothesis, const std::vector<std::vector<std::string>>& references) {
  const auto length = static_cast<int64_t>(hypothesis.size());
  Ngrams most;  // of any one reference
  int64_t nearest = -1;
  for (const auto& reference : references) {
    for (const auto& [ngram, count] : count_ngrams(reference)) most[ngram] = std::max(most[ngram], count);
    const auto other = static_cast<int64_t>(reference.size());
    const auto distance = [&](int64_t l) { return std::pair(std::abs(l - length), l); };
    if (nearest < 0 || distance(other) < distance(nearest)) nearest = other;
  }
  sums.hypothesis_length += length;
  sums.reference_length += nearest;
  for (const auto& [ngram, count] : count_ngrams(hypothesis)) {
    const auto found = most.find(ngram);
    const size_t order = ngram.size() - 1;
    sums.totals[order] += count;
    if (found != most.end()) sums.matches[order] += std::min(count, found->second);
  }
}

void finish(Bleu& b) {
  double log_sum = 0, smoothing = 1;
  bool any = false;
  for (int n = 0; n < kOrders; ++n) any |= b.matches[n] > 0;
  b.brevity_penalty = b.hypothesis_length >= b.reference_length ? 1.0
                      : b.hypothesis_length == 0
                          ? 0.0
                          : std::exp(1 - static_cast<double>(b.reference_length) / static_cast<double>(b.hypothesis_length));
  if (!any) return;
  int orders = kOrders;
  for (int n = 0; n < kOrders; ++n) {
    if (b.totals[n] == 0) {
      orders = 0;  // a corpus without any 4-gram scores zero, as the peer's
      break;
    }
    if (b.matches[n] == 0) {
      smoothing *= 2;
      b.precisions[n] = 100 / (smoothing * static_cast<double>(b.totals[n]));
    } else {
      b.precisions[n] = 100 * static_cast<double>(b.matches[n]) / static_cast<double>(b.totals[n]);
    }
    log_sum += std::log(b.precisions[n]);
  }
  if (orders > 0) b.score = b.brevity_penalty * std::exp(log_sum / kOrders);
}

}  // namespace

Bleu bleu(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
          const BleuOptions& options) {
  if (references.empty()) fail_input("BLEU needs at least one reference");
  for (const auto& reference : references)
    if (reference.size() != hypotheses.size())
      fail_input("there are {} hypotheses but {} reference lines; line k of one must answer line k of the other", hypotheses.size(), reference.size());
  Bleu result;
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    std::vector<std::vector<std::string>> tokens;
    for (const auto& reference : references) tokens.push_back(tokens_of(reference[i], options));
    add_line(result, tokens_of(hypotheses[i], options), tokens);
  }
  finish(result);
  return result;
}

}  // namespace heddle::metrics
