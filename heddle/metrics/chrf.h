#pragma once
// chrF (Popovic 2015) and chrF++ (Popovic 2017) as sacreBLEU computes them: how many n-grams of
// characters, and for chrF++ of words too, the hypotheses share with the references.
//
//   chrF = (1 + beta^2) P R / (beta^2 P + R)
//
// P and R are the precision and recall of the corpus' n-grams, averaged over the orders that both
// sides have. White space is left out of the characters; for words, one mark of ASCII punctuation
// at the end, else at the beginning, of a word is a word of its own.

#include <string>
#include <vector>

namespace heddle::metrics {

struct ChrfOptions {
  int character_order = 6;
  int word_order = 0;  // 2: chrF++
  int beta = 2;        // recall counts beta times as much as precision
  bool lowercase = false;
  std::string tokenize = "none";  // of bleu_tokens, before all else
};

struct Chrf {
  double score = 0;                  // 0 to 100
  double precision = 0, recall = 0;  // percent
};

// references[k][i]: reference k of line i; of several, the one with the best score for that line
// counts. Throws InputError when there is no line, the counts of lines differ, there is no order
// at all, or beta is below 1.
Chrf chrf(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
          const ChrfOptions& options = {});

}  // namespace heddle::metrics
