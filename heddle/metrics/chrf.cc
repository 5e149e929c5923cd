#include "heddle/metrics/chrf.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/metrics/bleu_tokenizer.h"
#include "heddle/metrics/code_points.h"
#include "heddle/metrics/line_counts.h"
#include "heddle/metrics/ngram_matches.h"

namespace heddle::metrics {
namespace {

bool is_ascii_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

// Bytes will do to tell one character from several: a word of one character that is more than a
// byte neither begins nor ends with ASCII.
std::vector<std::string> separate_punctuation(const std::vector<std::string>& words) {
  std::vector<std::string> parts;
  for (const std::string& word : words) {
    size_t cut = 0;
    if (word.size() > 1 && is_ascii_punctuation(word.back())) cut = word.size() - 1;
    else if (word.size() > 1 && is_ascii_punctuation(word.front())) cut = 1;
    if (cut > 0) parts.push_back(word.substr(0, cut));
    parts.push_back(word.substr(cut));
  }
  return parts;
}

// One line's text in the two forms that n-grams are taken of.
struct Line {
  Symbols characters;
  std::vector<std::string> words;
};

Line read_line(const std::string& text, const ChrfOptions& options) {
  Line line;
  const auto words = bleu_tokens(options.tokenize, options.lowercase ? lowercase(text) : text);
  for (const std::string& word : words)
    for (int32_t c : code_points(word)) line.characters.push_back(c);
  if (options.word_order > 0) line.words = separate_punctuation(words);
  return line;
}

// Orders of characters, then orders of words.
std::vector<NgramMatches> match_lines(const Line& hypothesis, const Line& reference, const ChrfOptions& options) {
  auto matches = match_ngrams(hypothesis.characters, {&reference.characters, 1}, options.character_order);
  const std::vector<std::string> words[] = {hypothesis.words, reference.words};
  const auto numbered = number_words(words);
  for (const NgramMatches& order : match_ngrams(numbered[0], std::span(numbered).subspan(1), options.word_order))
    matches.push_back(order);
  // A reference too short for an order says nothing about the hypothesis' n-grams.
  for (NgramMatches& order : matches)
    if (order.reference == 0) order.hypothesis = 0;
  return matches;
}

Chrf score(std::span<const NgramMatches> orders, int beta) {
  double precision = 0, recall = 0;
  int counted = 0;
  for (const NgramMatches& order : orders) {
    if (order.hypothesis == 0 || order.reference == 0) continue;
    const auto matches = static_cast<double>(order.matches);
    precision += matches / static_cast<double>(order.hypothesis);
    recall += matches / static_cast<double>(order.reference);
    ++counted;
  }
  if (precision + recall == 0) return {};
  precision /= counted;
  recall /= counted;
  const double factor = static_cast<double>(beta) * beta;
  return {.score = 100 * (1 + factor) * precision * recall / (factor * precision + recall),
          .precision = 100 * precision,
          .recall = 100 * recall};
}

}  // namespace

Chrf chrf(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
          const ChrfOptions& options) {
  check_line_counts(hypotheses, references);
  if (options.character_order < 0 || options.word_order < 0 || options.character_order + options.word_order == 0)
    fail_input("chrF needs n-grams of characters or words; got the orders {} and {}", options.character_order,
               options.word_order);
  if (options.beta < 1) fail_input("the beta of chrF is {}; it must be at least 1", options.beta);
  std::vector<NgramMatches> sums(static_cast<size_t>(options.character_order + options.word_order));
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    const Line hypothesis = read_line(hypotheses[i], options);
    std::vector<NgramMatches> best;
    for (const auto& reference : references) {
      auto matches = match_lines(hypothesis, read_line(reference[i], options), options);
      if (best.empty() || score(matches, options.beta).score > score(best, options.beta).score)
        best = std::move(matches);
    }
    for (size_t n = 0; n < sums.size(); ++n) {
      sums[n].hypothesis += best[n].hypothesis;
      sums[n].reference += best[n].reference;
      sums[n].matches += best[n].matches;
    }
  }
  return score(sums, options.beta);
}

}  // namespace heddle::metrics
