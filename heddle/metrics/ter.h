#pragma once
// TER, translation edit rate (Snover et al. 2006), as sacreBLEU computes it by default: all edits
// (translation_edits.h) over all words of the references, in percent. Less is better; it can be
// above 100. Empty references and some hypothesis that is not: 100.

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::metrics {

struct TerOptions {
  bool lowercase = true;          // tercom compares in lower case
  std::string tokenize = "none";  // of bleu_tokens; without it, punctuation is part of its word
};

struct Ter {
  double score = 0;  // percent
  int64_t edits = 0;
  double reference_length = 0;  // words; of several references the mean of their lengths
};

// references[k][i]: reference k of line i; of several, the one with the fewest edits counts. Throws
// InputError when there is no line or the counts of lines differ.
Ter ter(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
        const TerOptions& options = {});

}  // namespace heddle::metrics
