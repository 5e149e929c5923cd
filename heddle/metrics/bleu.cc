#include "heddle/metrics/bleu.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "heddle/metrics/bleu_tokenizer.h"
#include "heddle/metrics/code_points.h"
#include "heddle/metrics/line_counts.h"
#include "heddle/metrics/ngram_matches.h"

namespace heddle::metrics {
namespace {

constexpr int kOrders = 4;

std::vector<std::string> tokens_of(const std::string& line, const BleuOptions& options) {
  return bleu_tokens(options.tokenize, options.lowercase ? lowercase(line) : line);
}

// The nearest length, and of two equally near ones the smaller.
int64_t nearest_length(int64_t length, std::span<const Symbols> references) {
  const auto distance = [&](const Symbols& reference) {
    const auto other = static_cast<int64_t>(reference.size());
    return std::pair(std::abs(other - length), other);
  };
  return static_cast<int64_t>(std::ranges::min(references, {}, distance).size());
}

// texts: the hypothesis, then its references.
void add_line(Bleu& sums, std::span<const Symbols> texts) {
  const auto length = static_cast<int64_t>(texts[0].size());
  sums.hypothesis_length += length;
  sums.reference_length += nearest_length(length, texts.subspan(1));
  const auto matches = match_ngrams(texts[0], texts.subspan(1), kOrders);
  for (size_t n = 0; n < kOrders; ++n) {
    sums.totals[n] += matches[n].hypothesis;
    sums.matches[n] += matches[n].matches;
  }
}

double brevity_penalty(int64_t hypothesis, int64_t reference) {
  if (hypothesis >= reference) return 1;
  if (hypothesis == 0) return 0;
  return std::exp(1 - static_cast<double>(reference) / static_cast<double>(hypothesis));
}

void finish(Bleu& b) {
  b.brevity_penalty = brevity_penalty(b.hypothesis_length, b.reference_length);
  if (std::ranges::none_of(b.matches, [](int64_t count) { return count > 0; })) return;
  double log_sum = 0, smoothing = 1;
  for (size_t n = 0; n < kOrders; ++n) {
    if (b.totals[n] == 0) return;
    // Each order in turn that has no match counts for half as much as the one before.
    if (b.matches[n] == 0) smoothing *= 2;
    const double matches = b.matches[n] == 0 ? 1 / smoothing : static_cast<double>(b.matches[n]);
    b.precisions[n] = 100 * matches / static_cast<double>(b.totals[n]);
    log_sum += std::log(b.precisions[n]);
  }
  b.score = b.brevity_penalty * std::exp(log_sum / kOrders);
}

}  // namespace

Bleu bleu(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
          const BleuOptions& options) {
  check_line_counts(hypotheses, references);
  Bleu result;
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    std::vector<std::vector<std::string>> tokens = {tokens_of(hypotheses[i], options)};
    for (const auto& reference : references) tokens.push_back(tokens_of(reference[i], options));
    add_line(result, number_words(tokens));
  }
  finish(result);
  return result;
}

}  // namespace heddle::metrics
