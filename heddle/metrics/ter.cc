#include "heddle/metrics/ter.h"

#include <algorithm>
#include <span>

#include "heddle/metrics/bleu_tokenizer.h"
#include "heddle/metrics/code_points.h"
#include "heddle/metrics/line_counts.h"
#include "heddle/metrics/ngram_matches.h"
#include "heddle/metrics/translation_edits.h"

namespace heddle::metrics {
namespace {

// texts: the hypothesis, then its references.
void add_line(Ter& sums, std::span<const Symbols> texts) {
  const auto references = texts.subspan(1);
  int64_t fewest = -1;
  double words = 0;
  for (const Symbols& reference : references) {
    const int64_t edits = count_translation_edits(texts[0], reference);
    if (fewest < 0 || edits < fewest) fewest = edits;
    words += static_cast<double>(reference.size());
  }
  sums.edits += fewest;
  sums.reference_length += words / static_cast<double>(references.size());
}

}  // namespace

Ter ter(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
        const TerOptions& options) {
  check_line_counts(hypotheses, references);
  const auto words_of = [&](const std::string& line) {
    return bleu_tokens(options.tokenize, options.lowercase ? lowercase(line) : line);
  };
  Ter result;
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    std::vector<std::vector<std::string>> words = {words_of(hypotheses[i])};
    for (const auto& reference : references) words.push_back(words_of(reference[i]));
    add_line(result, number_words(words));
  }
  if (result.reference_length > 0) result.score = 100 * static_cast<double>(result.edits) / result.reference_length;
  else if (result.edits > 0) result.score = 100;
  return result;
}

}  // namespace heddle::metrics
