// Row 65: label smoothing in its two conventions (Szegedy et al. 2016; what it does to confidence: Müller et al. 2019).
//
// Over the others: 1 − ε on the right class and ε/(n−1) on each other one. Over all: ε/n on every class and 1 − ε more
// on the right one, which is (1−ε)·CE(p, y) + ε·CE(p, uniform). First the two, in f64 on random logits. Then a small
// Transformer classifies votes from few examples and many passes, with right labels and with wrong ones among them.

#include <algorithm>
#include <cmath>
#include <map>

#include "heddle/lab/learner.h"
#include "heddle/lab/tasks/noisy_votes.h"
#include "heddle/lab/trial.h"

namespace heddle::lab {
namespace {

using kernels::Smoothing;
constexpr double kEpsilon = 0.1;

// A batch of logits, and the gradient that cross-entropy against some targets has there.
struct Logits {
  int32_t classes;
  std::vector<double> values;    // [rows, classes]
  std::vector<int32_t> targets;  // [rows]

  std::vector<double> gradient(double epsilon, Smoothing convention, const std::vector<int32_t>& labels) const {
    std::vector<double> gradient = values;
    kernels::cross_entropy(std::ssize(targets), classes, gradient.data(), nullptr, labels.data(), epsilon, convention,
                           1.0);
    return gradient;
  }
};

Logits random_logits(int32_t classes, RandomStream& random) {
  constexpr size_t kRows = 64;
  Logits drawn{classes, std::vector<double>(kRows * static_cast<size_t>(classes)), std::vector<int32_t>(kRows)};
  for (double& value : drawn.values) value = random.normal();
  for (int32_t& target : drawn.targets) target = static_cast<int32_t>(random.below(static_cast<uint64_t>(classes)));
  return drawn;
}

// ‖a − b‖ / ‖b‖
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(difference / size);
}

// The text's targets written out: softmax less 1 − ε at the right class and ε/(n−1) at the others.
std::vector<double> written_out(const Logits& logits, const std::vector<int32_t>& labels) {
  std::vector<double> gradient = logits.gradient(0, Smoothing::over_all, labels);
  for (size_t i = 0; i < gradient.size(); ++i) {
    const bool right = static_cast<int32_t>(i % static_cast<size_t>(logits.classes)) ==
                       labels[i / static_cast<size_t>(logits.classes)];
    gradient[i] += right ? kEpsilon : -kEpsilon / (logits.classes - 1);
  }
  return gradient;
}

// The mean gradient over labels of which each is replaced, with probability ε, by any class.
std::vector<double> mean_over_noise(const Logits& logits, const std::vector<int32_t>& labels) {
  std::vector<double> mean = logits.gradient(0, Smoothing::over_all, labels);
  for (double& g : mean) g *= 1 - kEpsilon;
  for (int32_t c = 0; c < logits.classes; ++c) {
    const std::vector<int32_t> replaced(labels.size(), c);
    const std::vector<double> one = logits.gradient(0, Smoothing::over_all, replaced);
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += kEpsilon / logits.classes * one[i];
  }
  return mean;
}

void compare_conventions(Trial& trial) {
  RandomStream random = trial.random("logits");
  const Bilingual chart = {"Distance of the two conventions' gradients", "两种约定的梯度相对差异"};
  for (const int32_t n : {2, 4, 8, 64, 512, 4096}) {
    const Logits logits = random_logits(n, random);
    const std::vector<double> others = logits.gradient(kEpsilon, Smoothing::over_others, logits.targets),
                              all = logits.gradient(kEpsilon, Smoothing::over_all, logits.targets);
    trial.point(chart, {"classes", "relative distance", true, true}, "same ε", n, distance(all, others));
    if (n != 8) continue;
    // The null experiment: what is compared was meant for other labels.
    std::vector<int32_t> labels = logits.targets, noisy = logits.targets;
    if (trial.null()) std::ranges::rotate(labels, labels.begin() + 1);
    for (int32_t& label : noisy)
      if (random.uniform() < kEpsilon) label = static_cast<int32_t>(random.below(static_cast<uint64_t>(n)));
    const double converted = kEpsilon * n / (n - 1.0);
    trial.figure("text_targets_error", distance(written_out(logits, labels), others));
    trial.figure("formula_against_text", distance(all, others));
    trial.figure("formula_against_text_converted",
                 distance(logits.gradient(converted, Smoothing::over_all, labels), others));
    trial.figure("noise_against_formula", distance(logits.gradient(0, Smoothing::over_all, noisy), all));
    trial.figure("mean_noise_against_formula", distance(mean_over_noise(logits, labels), all));
  }
}

struct Quality {
  double accuracy = 0;           // the most probable class is the true one
  double confidence = 0;         // its probability
  double calibration_error = 0;  // between the two, in ten bins of confidence (Guo et al. 2017)
  double loss = 0;               // −log p(label), nats
  double wrong_learned = 0;      // the label is wrong, and the most probable class
};

Quality judge(const Learner& learner, const VotesSample& sample) {
  const Tensor log_p = learner.log_probabilities(sample.labelled);
  const auto classes = static_cast<size_t>(log_p.width());
  const auto share = 1 / static_cast<double>(sample.truth.size());
  double gap[10] = {};
  Quality quality;
  for (size_t i = 0; i < sample.truth.size(); ++i) {
    const std::span<const float> row = log_p.span<float>().subspan(i * classes, classes);
    const auto best = static_cast<int32_t>(std::ranges::max_element(row) - row.begin());
    const int32_t label = sample.labelled.target_out.ids[i];
    const bool right = best == sample.truth[i];
    const double confidence = std::exp(static_cast<double>(row[static_cast<size_t>(best)]));
    quality.accuracy += right * share;
    quality.confidence += confidence * share;
    quality.loss -= static_cast<double>(row[static_cast<size_t>(label)]) * share;
    quality.wrong_learned += (best == label && !right) * share;
    gap[std::min(9, static_cast<int>(confidence * 10))] += (confidence - right) * share;
  }
  for (const double g : gap) quality.calibration_error += std::abs(g);
  return quality;
}

struct Samples {
  VotesSample training, test, weaker;  // weaker: the votes agree less than in training
};

struct Outcome {
  Quality training, test, weaker;
};

Outcome train(Trial& trial, const Samples& samples, double epsilon, const std::string& convention, double from) {
  constexpr double kShare = 1 / 8.0;  // of the trial
  train::TrainConfig config = small_training(2e-3);
  config.label_smoothing = trial.null() ? 0 : epsilon;
  config.smoothing_convention = convention;
  Learner learner(small_model("encoder_decoder", NoisyVotes().classes, 32, 1, 4), config, trial.seed());
  RandomStream random = trial.random("batches");
  const auto steps = trial.count("train_steps");
  for (int64_t step = 0; step < steps; ++step) {
    learner.step(draw_batch(samples.training.labelled, 32, random));
    trial.progress(from + kShare * static_cast<double>(step) / static_cast<double>(steps));
  }
  return {judge(learner, samples.training), judge(learner, samples.test), judge(learner, samples.weaker)};
}

struct Arm {
  std::string name;
  double epsilon;
  std::string convention;
};
const Arm kArms[] = {{"none", 0, "over_others"},
                     {"over_others", kEpsilon, "over_others"},
                     {"over_all", kEpsilon, "over_all"},
                     {"over_others_strong", 0.4, "over_others"}};

// How each arm differs from the first, which does not smooth.
std::map<std::string, Outcome> compare_arms(Trial& trial, const Samples& samples, const std::string& data,
                                            const Bilingual& table, double from) {
  std::map<std::string, Outcome> outcomes;
  for (const Arm& arm : kArms) {
    const Outcome outcome = outcomes[arm.name] = train(trial, samples, arm.epsilon, arm.convention, from);
    from += 1 / 8.0;
    const Quality &test = outcome.test, &training = outcome.training;
    trial.cell(table, arm.name, "accuracy", test.accuracy);
    trial.cell(table, arm.name, "confidence", test.confidence);
    trial.cell(table, arm.name, "calibration error", test.calibration_error);
    trial.cell(table, arm.name, "loss, held-out", test.loss);
    trial.cell(table, arm.name, "loss, training", training.loss);
    trial.cell(table, arm.name, "accuracy, weaker votes", outcome.weaker.accuracy);
    if (arm.epsilon == 0) continue;
    const Outcome& plain = outcomes["none"];
    const std::string name = arm.name + "_" + data;
    trial.figure("accuracy_gain_" + name, test.accuracy - plain.test.accuracy);
    trial.figure("accuracy_gain_weaker_" + name, outcome.weaker.accuracy - plain.weaker.accuracy);
    trial.figure("loss_drop_" + name, plain.test.loss - test.loss);
    trial.figure("confidence_drop_" + name, plain.test.confidence - test.confidence);
    trial.figure("overconfidence_" + name, test.confidence - test.accuracy);
    trial.figure("calibration_gain_" + name, plain.test.calibration_error - test.calibration_error);
    trial.figure("gap_shrinks_" + name, (plain.test.loss - plain.training.loss) - (test.loss - training.loss));
  }
  return outcomes;
}

void run(Trial& trial) {
  compare_conventions(trial);
  const NoisyVotes clean, noisy{.wrong_labels = trial.setting("wrong_labels")}, weaker{.agreement = 0.2};
  RandomStream random = trial.random("examples");
  const int64_t examples = trial.count("examples"), test = trial.count("test");
  Samples samples = {draw(clean, examples, random), draw(clean, test, random), draw(weaker, test, random)};
  auto with_right = compare_arms(trial, samples, "clean", {"All labels right", "标签全部正确"}, 0);
  samples.training = draw(noisy, examples, random);
  auto with_wrong = compare_arms(trial, samples, "noisy", {"Wrong labels in training", "训练标签有错"}, 0.5);
  trial.figure("best_possible_accuracy", best_accuracy(clean, samples.test));
  trial.figure("accuracy_none_clean", with_right["none"].test.accuracy);
  trial.figure("overconfidence_none_clean", with_right["none"].test.confidence - with_right["none"].test.accuracy);
  trial.figure("wrong_learned_none", with_wrong["none"].training.wrong_learned);
  for (const Arm& arm : kArms) {
    if (arm.epsilon == 0) continue;
    const auto cost = [&](const std::string& name) { return with_wrong[name].test.loss - with_right[name].test.loss; };
    trial.figure("wrong_learned_drop_" + arm.name,
                 with_wrong["none"].training.wrong_learned - with_wrong[arm.name].training.wrong_learned);
    trial.figure("noise_cost_drop_" + arm.name, cost("none") - cost(arm.name));
  }
}

}  // namespace

extern const Experiment q065;
const Experiment q065 = {
    .row = 65,
    .question = {"What does label smoothing do, and how?", "标签平滑的核心功能、机制与数学原理是什么？"},
    .prediction = {"Smoothing lowers confidence and the gap between training and held-out loss in any case. It raises "
                   "accuracy where labels are wrong and hardly where they are right. The two conventions are the same "
                   "with ε scaled by n/(n−1), and with few classes they differ by a tenth.",
                   "平滑总会降低置信度并缩小训练与验证损失的差距。标签有错时提高准确率，标签全对时几乎没有影响。"
                   "两种约定只差 ε 的 n/(n−1) 倍，类别很少时差约一成。"},
    .scope = {"A Transformer of width 32 with 1 + 1 layers, eight classes with a known posterior, a few hundred "
              "training examples seen many times; ε = 0.1 and 0.4.",
              "宽度 32、1+1 层的 Transformer，八个类别，后验已知，几百个训练样本反复使用；ε = 0.1 与 0.4。"},
    .literature = {{"In translation ε = 0.1 costs perplexity and gains BLEU.",
                    "Vaswani et al. 2017, Attention Is All You Need, section 5.4"},
                   {"Smoothing calibrates as temperature scaling does, and makes a worse teacher.",
                    "Müller et al. 2019, When Does Label Smoothing Help?"},
                   {"Under label noise smoothing is competitive with corrections made for it.",
                    "Lukasik et al. 2020, Does Label Smoothing Mitigate Label Noise?"}},
    .settings = {{"examples", 40, 300, 300, "training examples"},
                 {"test", 50, 2000, 2000, "held-out examples"},
                 {"train_steps", 4, 300, 600, "of 32 examples"},
                 {"wrong_labels", 0.3, 0.3, 0.3, "share of wrong labels in the noisy half"}},
    .quick_seeds = 6,
    .full_seeds = 40,
    .quick_seconds = 15,
    .full_seconds = 180,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
