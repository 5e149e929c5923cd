#pragma once
// BLEU (Papineni et al. 2002) as sacreBLEU computes it (Post 2018): corpus level, up to 4-grams,
// exponential smoothing of zero counts.
//
//   BLEU = penalty * exp(mean over n of log precision_n),   penalty = min(1, exp(1 - r / h))
//
// with h and r the tokens of all hypotheses and references. A corpus without any 4-gram scores 0.

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::metrics {

struct BleuOptions {
  std::string tokenize = "13a";  // 13a, intl, zh, char, none
  bool lowercase = false;
};

struct Bleu {
  double score = 0;           // 0 to 100
  double precisions[4] = {};  // percent
  int64_t matches[4] = {}, totals[4] = {};
  double brevity_penalty = 0;
  // Tokens; of several references the nearest length.
  int64_t hypothesis_length = 0, reference_length = 0;
};

// references[k][i]: reference k of line i. Throws InputError when there is no line or the counts of
// lines differ.
Bleu bleu(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
          const BleuOptions& options = {});

}  // namespace heddle::metrics
