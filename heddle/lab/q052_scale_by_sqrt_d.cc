// Row 52: why are attention scores divided by √d? (Vaswani et al. 2017, section 3.2.1)
//
// First without training: queries and keys of independent standard normal entries, so that Var(q·k)
// = d, and what that does to the softmax and to its gradient. Then small models that recall values
// by keys, trained with q·k/√d and with q·k alone
// (`attention.score`), which differ in nothing else.

#include <algorithm>
#include <cmath>
#include <vector>

#include "heddle/lab/fit.h"
#include "heddle/lab/learner.h"
#include "heddle/lab/tasks/recall.h"
#include "heddle/lab/trial.h"

namespace heddle::lab {
namespace {

using Vector = std::vector<double>;

// What random queries over `keys` random keys of width d have, averaged over the queries.
struct Softmax {
  double variance = 0, entropy = 0;                 // of scores; of weights, as a share of ln keys
  double overflow_plain = 0, overflow_shifted = 0;  // share of queries, in float
  double dead = 0;                                  // share of queries with hardly a gradient at their scores
  double query_gradient = 0;                        // root mean square over queries of ‖∂L/∂q‖
  double order_kept = 0, ratio_error = 0;           // of scores before and after the scale
};

// One query. `factor(j)` multiplies score j; L = Σ w_j·c_j for weights w and random c.
template <class Factor>
void add_query(RandomStream& random, int64_t d, int64_t keys, const Factor& factor, double share, Softmax& to) {
  const auto n = static_cast<size_t>(keys), width = static_cast<size_t>(d);
  Vector q(width), k(n * width), dots(n), scores(n), scale(n), w(n), c(n);
  for (double& x : q) x = random.normal();
  for (double& x : k) x = random.normal();
  for (double& x : c) x = random.normal();
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = 0; i < width; ++i) dots[j] += q[i] * k[j * width + i];
    scale[j] = factor(j);
    scores[j] = dots[j] * scale[j];
    to.variance += share * scores[j] * scores[j] / static_cast<double>(n);
  }
  float plain = 0, shifted = 0;
  const double most = *std::ranges::max_element(scores);
  double sum = 0;
  for (size_t j = 0; j < n; ++j) {
    plain += std::exp(static_cast<float>(scores[j]));
    shifted += std::exp(static_cast<float>(scores[j] - most));
    sum += w[j] = std::exp(scores[j] - most);
  }
  to.overflow_plain += std::isfinite(plain) ? 0 : share;
  to.overflow_shifted += std::isfinite(shifted) ? 0 : share;
  double expected = 0, upstream = 0, at_scores = 0;
  for (size_t j = 0; j < n; ++j) {
    w[j] /= sum;
    if (w[j] > 0) to.entropy -= share * w[j] * std::log(w[j]) / std::log(static_cast<double>(n));
    expected += w[j] * c[j];
    upstream += c[j] * c[j];
  }
  Vector dq(width);
  for (size_t j = 0; j < n; ++j) {
    const double dscore = w[j] * (c[j] - expected);
    at_scores += dscore * dscore;
    for (size_t i = 0; i < width; ++i) dq[i] += dscore * scale[j] * k[j * width + i];
  }
  for (const double x : dq) to.query_gradient += share * x * x;  // the root is taken by the caller
  to.dead += at_scores < 1e-6 * upstream ? share : 0;
  for (size_t j = 1; j < n; ++j) {
    const double pair = share / static_cast<double>(n - 1), ratio = scores[j] / scores[0] / (dots[j] / dots[0]);
    to.order_kept += (scores[j] > scores[0]) == (dots[j] > dots[0]) ? pair : 0;
    to.ratio_error += pair * std::abs(std::log(std::abs(ratio)));
  }
}

// `broken`: a factor for each score at random where one for all belongs.
Softmax measure(RandomStream& random, int64_t d, int64_t queries, int64_t keys, bool scaled, bool broken) {
  Softmax all;
  const double scale = scaled ? 1 / std::sqrt(static_cast<double>(d)) : 1.0;
  queries *= std::clamp<int64_t>(256 / d, 1,
                                 16);  // narrow ones differ more from each other, and cost less
  for (int64_t r = 0; r < queries; ++r)
    add_query(
        random, d, keys, [&](size_t) { return scaled && broken ? 2 * random.uniform() : scale; },
        1 / static_cast<double>(queries), all);
  all.query_gradient = std::sqrt(all.query_gradient);
  return all;
}

void measure_softmax(Trial& trial) {
  RandomStream random = trial.random("queries and keys");
  const int64_t queries = trial.count("queries");
  constexpr int64_t kKeys = 64, kWidest = 1024;
  for (const bool scaled : {false, true}) {
    const std::string name = scaled ? "scaled" : "unscaled";
    Vector widths, variances, gradients;
    for (int64_t d = 4; d <= kWidest; d *= 4) {
      const Softmax softmax = measure(random, d, queries, kKeys, scaled, trial.null());
      widths.push_back(static_cast<double>(d));
      variances.push_back(softmax.variance);
      gradients.push_back(softmax.query_gradient);
      trial.point({"Variance of the scores", "分数的方差"}, {"d", "variance", true, true}, name, widths.back(),
                  softmax.variance);
      trial.point({"Entropy of the weights, as a share of the most possible", "权重的熵（占最大值之比）"},
                  {"d", "entropy / ln 64", true}, name, widths.back(), softmax.entropy);
      trial.point({"Share of queries with hardly any gradient", "几乎没有梯度的查询所占比例"}, {"d", "share", true},
                  name, widths.back(), softmax.dead);
      trial.point({"Gradient at the queries, root mean square", "查询处梯度的均方根"}, {"d", "‖∂L/∂q‖", true, true},
                  name, widths.back(), softmax.query_gradient);
      trial.progress((scaled ? 0.1 : 0.0) + 0.1 * static_cast<double>(d) / kWidest);
      if (d < kWidest) continue;
      trial.figure("overflow_" + name + "_plain", softmax.overflow_plain);
      trial.figure("overflow_" + name + "_max_subtracted", softmax.overflow_shifted);
      trial.figure("entropy_" + name, softmax.entropy);
      trial.figure("dead_queries_" + name, softmax.dead);
      if (scaled) trial.figure("score_order_kept", softmax.order_kept);
      if (scaled) trial.figure("score_ratio_error", softmax.ratio_error);
    }
    trial.figure("variance_slope_" + name, power_law(widths, variances).exponent);
    trial.figure("query_gradient_slope_" + name, power_law(widths, gradients).exponent);
  }
  Vector counts, variances;
  for (int64_t keys = 4; keys <= 256; keys *= 4) {
    counts.push_back(static_cast<double>(keys));
    variances.push_back(measure(random, 64, queries, keys, false, false).variance);
  }
  trial.figure("variance_slope_with_scores", power_law(counts, variances).exponent);
}

model::ModelConfig recall_model(const RecallTask& task, int64_t d, bool scaled) {
  model::ModelConfig config = small_model("encoder_decoder", task.vocab(), 64, 1, 1);
  config.layer.head_width = d;
  config.layer.ffn = 128;
  config.layer.attention_score = scaled ? "scaled_dot" : "dot";
  return config;
}

// Two models of one head of width d learn for the same steps from the same new examples.
void train_by_width(Trial& trial) {
  const RecallTask task;
  const int64_t steps = trial.count("steps");
  Vector accuracy(2);
  for (const int64_t d : {16, 64, 256}) {
    for (const bool scaled : {false, true}) {
      RandomStream random = trial.random("examples");
      const RecallBatch test = recall_batch(task, random, 64);
      Learner learner(recall_model(task, d, scaled && !trial.null()), small_training(3e-3), trial.seed());
      for (int64_t step = 0; step < steps; ++step) {
        learner.step(recall_batch(task, random, 32).tokens);
        if (step % 8 == 0)
          trial.progress(0.2 + 0.15 * (d >= 64) + 0.15 * (d >= 256) +
                         0.15 * static_cast<double>(step) / static_cast<double>(steps));
      }
      accuracy[scaled] = learner.accuracy(test.tokens);
      trial.cell({"Accuracy on new examples, by width of the head", "不同头宽下对新样本的准确率"},
                 scaled ? "q·k/√d" : "q·k", std::to_string(d), accuracy[scaled]);
    }
    trial.figure("accuracy_gain_" + std::to_string(d), accuracy[1] - accuracy[0]);
  }
}

// Two models learn a small set of examples until both fit it equally well: what do they know of
// others? The mean over several sets.
void train_to_equal_fit(Trial& trial) {
  const RecallTask task;
  const int64_t limit = 8 * trial.count("steps"), sets = trial.count("sets");
  const auto share = 1 / static_cast<double>(sets);
  Vector seen(2), unseen(2);
  RandomStream random = trial.random("few examples");
  for (int64_t set = 0; set < sets; ++set) {
    const RecallBatch few = recall_batch(task, random, 32), others = recall_batch(task, random, 128);
    for (const bool scaled : {false, true}) {
      Learner learner(recall_model(task, 64, scaled && !trial.null()), small_training(2e-3),
                      trial.seed() * 1000 + static_cast<uint64_t>(set));
      for (int64_t step = 0; step < limit && !(learner.step(few.tokens) < 0.05); ++step)
        trial.progress(0.7 + 0.3 * share * static_cast<double>(set));
      seen[scaled] += share * learner.loss(few.tokens);
      unseen[scaled] += share * learner.accuracy(others.tokens);
    }
  }
  for (const bool scaled : {false, true}) {
    const std::string row = scaled ? "q·k/√d" : "q·k";
    trial.cell({"Fitted to the same loss on few examples", "在少量样本上拟合到相同损失"}, row, "loss on them",
               seen[scaled]);
    trial.cell({"Fitted to the same loss on few examples", "在少量样本上拟合到相同损失"}, row, "accuracy on others",
               unseen[scaled]);
  }
  trial.figure("loss_difference_at_equal_fit", std::abs(seen[1] - seen[0]));
  trial.figure("accuracy_gain_at_equal_fit", unseen[1] - unseen[0]);
}

void run(Trial& trial) {
  measure_softmax(trial);
  train_by_width(trial);
  train_to_equal_fit(trial);
}

}  // namespace

extern const Experiment q052;
const Experiment q052 = {
    .row = 52,
    .version = 2,
    .question = {"Why does attention divide its scores by the square root of d?", "为什么注意力分数要除以根号 d？"},
    .prediction = {"The variance of q·k grows as d; divided by √d it stays 1. Unscaled weights "
                   "come close to one-hot: most queries lose their "
                   "gradient, a few get a larger one, and wide heads learn more slowly. "
                   "Subtracting the maximum, not the scale, prevents overflow.",
                   "q·k 的方差与 d 成正比，除以 √d 后保持为 1。不缩放时权重接近 "
                   "one-"
                   "hot：多数查询失去梯度，少数查询的梯度反而变大，宽的头学得更慢。防止溢出的是减去"
                   "最大值，而不是缩放。"},
    .scope = {"Random normal queries and keys, d from 4 to 1024, 64 keys; one-layer translators of "
              "width 64 with one head of 16 to 256 that recall "
              "values by keys, a few hundred steps of 32 examples.",
              "随机正态的查询与键，d 从 4 到 1024，64 个键；宽 64、单层、单头（宽 16 到 "
              "256）的模型做键值回忆，数百步，每步 32 个样本。"},
    .literature = {{"With d_k = 64, unscaled dot products fall behind additive attention; scaled "
                    "ones do not.",
                    "Vaswani et al. 2017, Attention Is All You Need, section 3.2.1"}},
    .settings = {{"queries", 8, 400, 2000, "random queries for each width"},
                 {"steps", 4, 200, 300, "of training with new examples"},
                 {"sets", 1, 4, 12, "of 32 training examples, to be fitted equally well"}},
    .quick_seconds = 25,
    .full_seconds = 120,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
