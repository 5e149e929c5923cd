// Row 22: how does the batch size bear on perplexity? (McCandlish et al. 2018, An Empirical Model of Large-Batch
// Training)
//
// A gradient averaged over B tokens has variance tr(Σ)/B. That buys better steps, not better tokens: each batch size
// is trained at its best learning rate and compared after the same steps, and after the same tokens.

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "heddle/lab/fit.h"
#include "heddle/lab/learner.h"
#include "heddle/lab/tasks/markov.h"
#include "heddle/lab/trial.h"
#include "heddle/train/gradient_noise.h"

namespace heddle::lab {
namespace {

constexpr int64_t kVocab = 24, kLength = 16;
constexpr std::array<int64_t, 4> kBatches = {2, 8, 32, 128};  // sequences
constexpr std::array<double, 4> kRates = {3e-3, 1e-2, 1e-3, 3e-2};
using Batch = data::TranslationBatch;

struct Setup {
  Trial& trial;
  MarkovSource source{1, kVocab, 2.0, trial.random("source")};
  model::ModelConfig config = small_model("decoder_only", kVocab, trial.count("width"), 1, 4);

  Learner learner(double rate) const {
    train::TrainConfig train = small_training(rate);
    train.warmup_steps = 5;  // the largest batch has few steps when the tokens are the same
    return {config, train, trial.seed()};
  }
  // The null experiment repeats one sequence, whose labels nothing predicts: a larger batch says nothing more.
  Batch draw(int64_t sequences, RandomStream& random) const {
    const std::vector<int64_t> lengths(static_cast<size_t>(sequences), kLength);
    if (!trial.null()) return source.batch(lengths, random);
    const Batch one = labels_shuffled(source.batch(std::span(lengths).first(1), random), random);
    Batch many;
    for (int64_t i = 0; i < sequences; ++i) {
      many.target_in.add(i, one.target_in.ids);
      many.target_out.add(i, one.target_out.ids);
    }
    return many;
  }
  Batch labels_shuffled(Batch batch, RandomStream& random) const {
    for (int32_t& id : batch.target_out.ids) id = static_cast<int32_t>(random.below(kVocab));
    return batch;
  }
  // Sequences held out, all different in the null experiment too.
  Batch held_out() const {
    RandomStream random = trial.random("held out");
    const std::vector<int64_t> lengths(static_cast<size_t>(trial.count("test")), kLength);
    const Batch batch = source.batch(lengths, random);
    return trial.null() ? labels_shuffled(batch, random) : batch;
  }
};

std::vector<float> gradient(Learner& learner, const Batch& batch) {
  learner.gradients().zero();
  learner.add_gradients(batch, 1 / static_cast<double>(batch.target_out.tokens()));
  const auto flat = learner.gradients().flat().span<float>();
  return {flat.begin(), flat.end()};
}

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

// At fixed weights: variance and direction of the gradient by batch size, and the noise scale, directly and by the
// estimator that the training log uses.
void measure_noise(const Setup& setup) {
  Trial& trial = setup.trial;
  RandomStream random = trial.random("noise");
  Learner learner = setup.learner(3e-3);
  const int64_t draws = trial.count("draws");
  for (const std::string when : {"start", "end"}) {
    for (int64_t i = 0; when == "end" && i < trial.count("steps"); ++i) learner.step(setup.draw(32, random));
    const std::vector<float> truth = gradient(learner, setup.draw(trial.count("truth"), random));
    const double size = dot(truth, truth);
    std::vector<double> tokens, variances;
    std::map<int64_t, double> cosine;
    for (const int64_t sequences : kBatches) {
      double variance = 0;
      for (int64_t i = 0; i < draws; ++i) {
        const std::vector<float> one = gradient(learner, setup.draw(sequences, random));
        const double along = dot(one, truth), own = dot(one, one);
        variance += (own - 2 * along + size) / static_cast<double>(draws);
        cosine[sequences] += along / std::sqrt(own * size) / static_cast<double>(draws);
      }
      tokens.push_back(static_cast<double>(sequences * kLength));
      variances.push_back(variance);
      trial.point({"Variance of the gradient, relative to its square", "梯度方差与梯度平方之比"},
                  {"tokens in the batch", "tr(Σ)/B / |G|²", true, true}, when, tokens.back(), variance / size);
      trial.cell({"Cosine of the batch's gradient and the true one", "批梯度与真实梯度的余弦"},
                 fmt::format("{} sequences", sequences), when, cosine[sequences]);
      trial.progress((when == "start" ? 0.0 : 0.1) + 0.02);
    }
    trial.figure("gradient_variance_slope_" + when, power_law(tokens, variances).exponent);
    trial.figure("cosine_gain_" + when, cosine[kBatches.back()] - cosine[kBatches.front()]);
    train::GradientNoise noise(0.9999);
    for (int64_t i = 0; i < 2 * draws; ++i) {
      std::vector<Batch> halves;
      data::split(setup.draw(64, random), 2, halves);
      const std::vector<float> part = gradient(learner, halves[0]), rest = gradient(learner, halves[1]);
      const double whole = (dot(part, part) + 2 * dot(part, rest) + dot(rest, rest)) / 4;
      noise.add(dot(part, part), 32.0 * kLength, whole, 64.0 * kLength);
    }
    // tr(Σ) / |G|², in tokens; the long average that stands for G has some noise left.
    const double trace = variances.front() * tokens.front();
    const double direct =
        trace / std::max(0.1 * size, size - trace / static_cast<double>(trial.count("truth") * kLength));
    trial.figure("noise_scale_" + when, direct);
    trial.figure("noise_scale_estimate_ratio_" + when, noise.scale().value_or(0) / direct);
  }
}

// Log-perplexity above the entropy rate, on held-out sequences.
double excess(const Setup& setup, const Learner& learner, const Batch& test) {
  return setup.trial.null() ? learner.loss(test) : learner.loss(test) - setup.source.loss(test);
}

// Trains every batch size at several learning rates; the best of each after the same steps, and after the same tokens:
// as many as 16 sequences a step give, and twice as many.
void train_all(const Setup& setup) {
  Trial& trial = setup.trial;
  const Batch test = setup.held_out();
  const int64_t steps = trial.count("steps");
  const auto rates = std::min<int64_t>(trial.count("rates"), kRates.size());
  std::map<std::string, std::map<int64_t, double>> best;  // budget → batch → excess
  for (size_t b = 0; b < kBatches.size(); ++b) {
    const int64_t size = kBatches[b];
    const std::map<std::string, int64_t> ends = {{"same steps", steps},
                                                 {"same tokens", std::max<int64_t>(1, 16 * steps / size)},
                                                 {"twice the tokens", std::max<int64_t>(1, 32 * steps / size)}};
    for (int64_t r = 0; r < rates; ++r) {
      RandomStream random = trial.random("training");
      Learner learner = setup.learner(kRates[static_cast<size_t>(r)]);
      for (int64_t step = 1; step <= std::max(steps, ends.at("twice the tokens")); ++step) {
        learner.step(setup.draw(size, random));
        for (const auto& [budget, end] : ends) {
          if (step != end) continue;
          const double reached = excess(setup, learner, test);
          const auto [known, first] = best[budget].try_emplace(size, reached);
          known->second = std::min(known->second, reached);
        }
        if (step % 16 == 0)
          trial.progress(0.2 + 0.7 * (static_cast<double>(b) + static_cast<double>(r) / static_cast<double>(rates)) /
                                   kBatches.size());
      }
    }
    for (const auto& [budget, end] : ends)
      trial.point({"Log-perplexity above the entropy rate", "对数困惑度超出熵率的部分"},
                  {"tokens in the batch", "nats per token", true, false}, budget, static_cast<double>(size * kLength),
                  best[budget][size]);
  }
  const int64_t least = kBatches.front(), most = kBatches.back();
  const auto change = [&](const std::string& budget) { return best[budget][most] - best[budget][least]; };
  trial.figure("log_ppl_change_same_steps", change("same steps"));
  trial.figure("log_ppl_change_same_tokens", change("same tokens"));
  trial.figure("log_ppl_change_twice_the_tokens", change("twice the tokens"));
  // What the last fourfold of the batch gains at the same steps, against the first.
  std::map<int64_t, double>& by_steps = best["same steps"];
  trial.figure("late_gain_over_early_gain",
               (by_steps[32] - by_steps[most]) / std::max(1e-3, by_steps[least] - by_steps[8]));
}

// How held-out perplexity moves while training loss falls, in the second half: fresh sequences, or a few again and
// again.
void overfit(const Setup& setup) {
  Trial& trial = setup.trial;
  const Batch test = setup.held_out();
  const int64_t steps = 2 * trial.count("steps");
  for (const std::string data : {"fresh", "repeated"}) {
    RandomStream random = trial.random("fit");
    Learner learner = setup.learner(1e-2);
    Batch few = setup.draw(16, random);
    double middle = 0;
    for (int64_t step = 0; step < steps; ++step) {
      if (data == "fresh") few = setup.draw(16, random);
      learner.step(few);
      if (step == steps / 8) middle = excess(setup, learner, test);
      if (step % 16 == 0) trial.progress(0.9 + 0.1 * static_cast<double>(step) / static_cast<double>(steps));
    }
    trial.figure("log_ppl_change_by_fit_" + data, excess(setup, learner, test) - middle);
  }
}

void run(Trial& trial) {
  const Setup setup{trial};
  measure_noise(setup);
  train_all(setup);
  overfit(setup);
}

}  // namespace

extern const Experiment q022;
const Experiment q022 = {
    .row = 22,
    .question = {"How does the batch size bear on perplexity in training, and by which mathematics?",
                 "Batch 大小与训练困惑度有何关系？其数学原理是什么？"},
    .prediction = {"The gradient's variance falls as 1/B. After the same steps the larger batch has the lower "
                   "perplexity, the less so the further it is above the noise scale; after the same tokens the smaller "
                   "batch has it.",
                   "梯度方差按 1/B 下降。同样步数下大批困惑度更低，但超过噪声尺度后收益递减；同样词元数下小批更低。"},
    .scope = {"A decoder of one layer on Markov sequences of 16 tokens, batches of 2 to 128 of them, each at the best "
              "of several learning rates.",
              "一层解码器，长 16 的马尔可夫序列，每批 2 至 128 条，学习率各取最优。"},
    .literature =
        {{"The noise scale predicts the batch size beyond which time is no longer saved, over six orders of magnitude; "
          "it grows during training.",
          "McCandlish et al. 2018, An Empirical Model of Large-Batch Training"},
         {"Measured over many tasks: steps fall in proportion to the batch at first, then less, then not at all.",
          "Shallue et al. 2019, Measuring the Effects of Data Parallelism on Neural Network Training"}},
    .settings = {{"width", 16, 32, 32, "of the model"},
                 {"steps", 4, 200, 400,
                  "of the comparison at equal steps; at equal tokens those of this many steps of 256"},
                 {"rates", 1, 2, 4, "learning rates tried"},
                 {"draws", 4, 60, 150, "gradients for each batch size"},
                 {"truth", 32, 1024, 4096, "sequences that the true gradient is taken from"},
                 {"test", 16, 300, 1000, "sequences held out"}},
    .quick_seconds = 30,
    .full_seconds = 200,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
