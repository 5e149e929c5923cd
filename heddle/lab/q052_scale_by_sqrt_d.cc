// Row 52: why are attention scores divided by √d? (Vaswani et al. 2017, section 3.2.1)
//
// Queries and keys of independent standard normal entries: Var(q·k) = d. What that does to the softmax.

#include <algorithm>
#include <cmath>

#include "heddle/lab/fit.h"
#include "heddle/lab/trial.h"

namespace heddle::lab {
namespace {

struct Spread {
  double variance = 0;
  double overflow_plain = 0, overflow_shifted = 0;  // share of rows
};

// Scores of `rows` queries over `keys` keys of width d, times `scale`.
Spread measure(RandomStream& random, int64_t d, int64_t rows, int64_t keys, double scale, bool aligned) {
  Spread spread;
  std::vector<float> q(static_cast<size_t>(d)), scores(static_cast<size_t>(keys));
  for (int64_t r = 0; r < rows; ++r) {
    for (float& x : q) x = static_cast<float>(random.normal());
    for (float& score : scores) {
      double dot = 0;
      for (const float x : q) dot += x * (aligned ? static_cast<double>(x) : random.normal());
      score = static_cast<float>(dot * scale);
      spread.variance += static_cast<double>(score) * score / static_cast<double>(rows * keys);
    }
    float plain = 0, shifted = 0;
    const float most = *std::ranges::max_element(scores);
    for (const float score : scores) {
      plain += std::exp(score);
      shifted += std::exp(score - most);
    }
    spread.overflow_plain += !std::isfinite(plain) / static_cast<double>(rows);
    spread.overflow_shifted += !std::isfinite(shifted) / static_cast<double>(rows);
  }
  return spread;
}

void run(Trial& trial) {
  RandomStream random = trial.random("queries and keys");
  const int64_t rows = trial.count("rows");
  constexpr int64_t kKeys = 64;
  for (const bool scaled : {false, true}) {
    const std::string name = scaled ? "scaled" : "unscaled";
    std::vector<double> widths, variances;
    for (int64_t d = 4; d <= 4096; d *= 4) {
      // The null experiment: every key is the query itself, so that scores do not spread as products of strangers do.
      const Spread spread = measure(random, d, rows, kKeys, scaled ? 1 / std::sqrt(static_cast<double>(d)) : 1.0, trial.null());
      widths.push_back(static_cast<double>(d));
      variances.push_back(spread.variance);
      trial.point({"Variance of the scores", "分数的方差"}, {"d", "variance", true, true}, name, static_cast<double>(d), spread.variance);
      if (d == 4096) {
        trial.figure("overflow_" + name + "_plain", spread.overflow_plain);
        trial.figure("overflow_" + name + "_max_subtracted", spread.overflow_shifted);
      }
      trial.progress((scaled ? 0.5 : 0.0) + 0.1 * std::log2(static_cast<double>(d)) / 2.4);
    }
    trial.figure("variance_slope_" + name, power_law(widths, variances).exponent);
  }
}

}  // namespace

extern const Experiment q052;
const Experiment q052 = {
    .row = 52,
    .question = {"Why does attention divide its scores by the square root of d?", "为什么注意力分数要除以根号 d？"},
    .prediction = {"The variance of q·k grows as d, and divided by √d it stays 1.", "q·k 的方差与 d 成正比，除以 √d 后保持为 1。"},
    .scope = {"Random normal queries and keys, d from 4 to 4096, 64 keys.", "随机正态的查询与键，d 从 4 到 4096，64 个键。"},
    .literature = {{"With d_k = 64, unscaled dot products fall behind additive attention; scaled ones do not.",
                    "Vaswani et al. 2017, Attention Is All You Need, section 3.2.1"}},
    .settings = {{"rows", 8, 200, 1000, "queries for each width"}},
    .quick_seconds = 5,
    .full_seconds = 30,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
