// Row 42: the training loss, −Σ_t log p(y_t | y_<t, source), and its gradient (Rumelhart et al. 1986; Vaswani et al.
// 2017).
//
// Three ways to the same gradient, in f64: derived by hand for the last weights, back-propagated, and by finite
// differences for weights of every part. What the loss is made of, what lowers it, and down to where: the entropy of a
// language whose probabilities are known.

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "heddle/lab/learner.h"
#include "heddle/lab/tasks/phrase_translation.h"
#include "heddle/lab/trial.h"

namespace heddle::lab {
namespace {

using data::TranslationBatch;
constexpr int64_t kWords = 4;  // of a source

// A batch whose targets belong to its sources, or, rotated, each to its neighbour.
TranslationBatch with_other_sources(const TranslationBatch& batch) {
  TranslationBatch other = batch;
  other.source.clear();
  for (int64_t i = 0; i < batch.source.sequences(); ++i)
    other.source.add(i, batch.source.sequence((i + 1) % batch.source.sequences()));
  return other;
}

// The decoder is told nothing of the target but how long it is.
TranslationBatch without_target_prefix(TranslationBatch batch) {
  std::ranges::fill(batch.target_in.ids, PhraseTranslation::kStart);
  return batch;
}

double summed_loss(const Learner& learner, const TranslationBatch& batch) {
  return learner.loss(batch) * static_cast<double>(batch.target_out.tokens());
}

// weights += step · direction
void move(Learner& learner, double step, std::span<const double> direction) {
  const std::span<double> flat = learner.weights().flat().span<double>();
  for (size_t i = 0; i < flat.size(); ++i) flat[i] += step * direction[i];
  learner.weights().touch();
}

// Relative distance of two lists of numbers, ‖a − b‖ / ‖b‖.
struct Distance {
  double difference = 0, size = 0;
  void add(double a, double b) {
    difference += (a - b) * (a - b);
    size += b * b;
  }
  double relative() const { return std::sqrt(difference / size); }
};

// With logits z = S·Wᵀ + b: ∂L/∂z = softmax(z) − one-hot = G; then dW = Gᵀ·S, db = Σ G, dS = G·W, and for the norm
// before, S = gain·x̂ + shift: dgain = Σ dS·x̂, dshift = Σ dS.
double hand_derived_distance(Learner& learner, const TranslationBatch& batch) {
  const nn::Parameters& table = learner.parameters();
  const auto id = [&](const char* name) { return table.find(name); };
  const Tensor states = learner.states(batch), log_p = learner.log_probabilities(batch);
  const auto s = states.span<double>(), lp = log_p.span<double>(),
             w = learner.weights().of(id("output.weight")).span<double>(),
             gain = learner.weights().of(id("decoder.norm.weight")).span<double>(),
             shift = learner.weights().of(id("decoder.norm.bias")).span<double>();
  const size_t width = gain.size(), vocab = w.size() / width, rows = s.size() / width;
  std::vector<double> dw(w.size()), db(vocab), dgain(width), dshift(width);
  for (size_t t = 0; t < rows; ++t)
    for (size_t c = 0; c < vocab; ++c) {
      const double g = std::exp(lp[t * vocab + c]) - (static_cast<int32_t>(c) == batch.target_out.ids[t] ? 1 : 0);
      db[c] += g;
      for (size_t i = 0; i < width; ++i) {
        const double state = s[t * width + i], ds = g * w[c * width + i];
        dw[c * width + i] += g * state;
        dgain[i] += ds * (state - shift[i]) / gain[i];
        dshift[i] += ds;
      }
    }
  Distance distance;
  const auto compare = [&](const std::vector<double>& hand, const char* name) {
    const auto automatic = learner.gradients().of(id(name)).span<double>();
    for (size_t i = 0; i < hand.size(); ++i) distance.add(hand[i], automatic[i]);
  };
  compare(dw, "output.weight");
  compare(db, "output.bias");
  compare(dgain, "decoder.norm.weight");
  compare(dshift, "decoder.norm.bias");
  return distance.relative();
}

// Central differences of the loss of `measured` at `each` random places of every weight, against the gradients there.
double finite_difference_distance(Trial& trial, Learner& learner, const TranslationBatch& measured, int64_t each,
                                  RandomStream& random) {
  Distance all;
  std::map<std::string, Distance> by_part;
  const std::span<double> flat = learner.weights().flat().span<double>(),
                          gradient = learner.gradients().flat().span<double>();
  const std::span<const nn::ParameterInfo> infos = learner.parameters().all();
  for (const nn::ParameterInfo& info : infos)
    for (int64_t k = 0; k < each; ++k) {
      const auto at = static_cast<size_t>(info.offset) + random.below(static_cast<uint64_t>(info.shape.count()));
      const double before = flat[at], step = 1e-5;
      double losses[2];
      for (const int side : {0, 1}) {
        flat[at] = before + (side == 0 ? step : -step);
        learner.weights().touch();
        losses[side] = summed_loss(learner, measured);
      }
      flat[at] = before;
      learner.weights().touch();
      const double slope = (losses[0] - losses[1]) / (2 * step);
      all.add(slope, gradient[at]);
      by_part[info.role].add(slope, gradient[at]);
    }
  for (const auto& [part, distance] : by_part)
    trial.cell({"Finite differences against back-propagation, relative distance", "有限差分与反向传播的相对距离"}, part,
               "distance", distance.relative());
  return all.relative();
}

// L = −Σ y·log ŷ: with y one-hot over the classes of every position, or read literally with y_i the label's number.
void check_formula(Trial& trial, const Learner& learner, const TranslationBatch& batch,
                   const TranslationBatch& measured, RandomStream& random) {
  const Tensor log_p = learner.log_probabilities(measured);
  const auto lp = log_p.span<double>();
  const auto vocab = static_cast<size_t>(log_p.width());
  // What class c is called when the vocabulary is numbered otherwise.
  std::vector<double> number(vocab);
  std::iota(number.begin(), number.end(), 0.0);
  const auto literal_loss = [&] {
    double loss = 0;
    for (size_t t = 0; t < batch.target_out.ids.size(); ++t) {
      const auto label = static_cast<size_t>(batch.target_out.ids[t]);
      loss -= number[label] * lp[t * vocab + label];
    }
    return loss;
  };
  double one_hot = 0, change = 0;
  for (size_t t = 0; t < batch.target_out.ids.size(); ++t)
    for (size_t c = 0; c < vocab; ++c)
      one_hot -= (static_cast<int32_t>(c) == batch.target_out.ids[t] ? 1.0 : 0.0) * lp[t * vocab + c];
  const double literal = literal_loss();
  constexpr int kRenumberings = 50;
  for (int k = 0; k < kRenumberings; ++k) {
    for (size_t i = vocab - 1; i > 0; --i) std::swap(number[i], number[random.below(i + 1)]);
    change += std::abs(literal_loss() / literal - 1) / kRenumberings;
  }
  trial.figure("one_hot_formula_error", std::abs(one_hot / summed_loss(learner, batch) - 1));
  trial.figure("literal_change_by_renumbering", change);
}

// How fast the loss, and the share of wrong tokens, change along random directions: the mean over them.
void compare_slopes(Trial& trial, Learner& learner, const TranslationBatch& batch, RandomStream& random) {
  constexpr int kDirections = 50;
  constexpr double kStep = 1e-6;
  double of_loss = 0, of_errors = 0;
  std::vector<double> direction(learner.weights().flat().span<double>().size());
  for (int k = 0; k < kDirections; ++k) {
    double square = 0;
    for (double& x : direction) {
      x = random.normal();
      square += x * x;
    }
    for (double& x : direction) x /= std::sqrt(square);
    move(learner, kStep, direction);
    const double loss = learner.loss(batch), accuracy = learner.accuracy(batch);
    move(learner, -2 * kStep, direction);
    of_loss += std::abs(loss - learner.loss(batch)) / (2 * kStep * kDirections);
    of_errors += std::abs(accuracy - learner.accuracy(batch)) / (2 * kStep * kDirections);
    move(learner, kStep, direction);
  }
  trial.figure("slope_of_cross_entropy", of_loss);
  trial.figure("slope_of_wrong_tokens", of_errors);
}

void check_gradients(Trial& trial, const PhraseTranslation& language) {
  RandomStream random = trial.random("gradients");
  model::ModelConfig config = small_model("encoder_decoder", language.vocab(), 12, 1, 3);
  config.tie_embeddings = false;
  Learner learner(config, small_training(1e-3), trial.seed(), DType::f64);
  for (double& x : learner.weights().flat().span<double>()) x += 0.1 * random.normal();  // nothing at zero
  learner.weights().touch();
  const TranslationBatch batch = language.batch(8, kWords, random);
  // The null experiment: what is differentiated is the loss of other pairs.
  const TranslationBatch measured = trial.null() ? with_other_sources(batch) : batch;
  learner.gradients().zero();
  learner.add_gradients(batch, 1.0);
  trial.figure("hand_against_automatic", hand_derived_distance(learner, measured));
  trial.figure("finite_against_automatic",
               finite_difference_distance(trial, learner, measured, trial.count("places"), random));
  trial.progress(0.3);
  check_formula(trial, learner, batch, measured, random);
  compare_slopes(trial, learner, batch, random);
  // One step of θ ← θ − rate·∂L/∂θ from here, in several batches; the formulas give no rate, so 1 is among them.
  const auto steps = trial.count("updates");
  for (const double rate : {1e-4, 1e-3, 1e-2, 1e-1, 1.0}) {
    double lowered = 0;
    for (int64_t i = 0; i < steps; ++i) {
      const TranslationBatch one = language.batch(8, kWords, random);
      const double before = learner.loss(one);
      learner.gradients().zero();
      learner.add_gradients(trial.null() ? with_other_sources(one) : one, 1.0);
      const std::span<const double> gradient = learner.gradients().flat().span<double>();
      move(learner, -rate, gradient);
      lowered += learner.loss(one) < before;
      move(learner, rate, gradient);
    }
    trial.point({"Share of updates that lower the loss", "使损失下降的更新比例"}, {"rate", "share", true, false},
                "gradient descent", rate, lowered / static_cast<double>(steps));
    if (rate == 1e-4) trial.figure("small_updates_lower_it", lowered / static_cast<double>(steps));
    if (rate == 1.0) trial.figure("full_updates_lower_it", lowered / static_cast<double>(steps));
  }
  trial.progress(0.4);
}

// Loss by place in the target.
void show_parts(Trial& trial, const Learner& learner, const TranslationBatch& batch, const std::string& model) {
  const Tensor log_p = learner.log_probabilities(batch);
  std::map<int32_t, std::pair<double, double>> places;
  for (size_t t = 0; t < batch.target_out.ids.size(); ++t) {
    auto& [sum, count] = places[batch.target_in.position[t]];
    sum -= static_cast<double>(
        log_p.span<float>()[t * static_cast<size_t>(log_p.width()) + static_cast<size_t>(batch.target_out.ids[t])]);
    ++count;
  }
  for (const auto& [place, part] : places)
    if (part.second >= 0.1 * static_cast<double>(batch.source.sequences()))
      trial.point({"Loss by place in the target", "按目标位置的损失"}, {"place", "nats per token"}, model, place + 1,
                  part.first / part.second);
}

void train(Trial& trial, const PhraseTranslation& language) {
  const auto steps = trial.count("train_steps");
  RandomStream random = trial.random("training");
  const model::ModelConfig config = small_model("encoder_decoder", language.vocab(), 32, 2, 4);
  Learner forced(config, small_training(3e-3), trial.seed()), blind(config, small_training(3e-3), trial.seed());
  for (int64_t step = 0; step < steps; ++step) {
    TranslationBatch batch = language.batch(64, kWords, random);
    if (trial.null()) batch = with_other_sources(batch);
    const double loss = forced.step(batch);
    blind.step(without_target_prefix(batch));
    if (step % 10 == 0)
      trial.point({"Training loss", "训练损失"}, {"step", "nats per token"}, "cross-entropy", static_cast<double>(step),
                  loss);
    trial.progress(0.4 + 0.6 * static_cast<double>(step) / static_cast<double>(steps));
  }
  const TranslationBatch test = language.batch(trial.count("test"), kWords, random);
  double entropy = 0;
  for (int64_t i = 0; i < test.source.sequences(); ++i) {
    const auto from = test.source.sequence(i), to = test.target_out.sequence(i);
    entropy -= language.log_probability({from.begin(), from.end()}, {to.begin(), to.end()}) /
               static_cast<double>(test.target_out.tokens());
  }
  const double loss = forced.loss(test);
  trial.figure("loss", loss);
  trial.figure("entropy", entropy);
  trial.figure("excess_over_entropy", loss - entropy);
  trial.figure("cost_of_another_source", forced.loss(with_other_sources(test)) - loss);
  trial.figure("cost_without_target_prefix", blind.loss(without_target_prefix(test)) - loss);
  show_parts(trial, forced, test, "with the target's prefix");
  show_parts(trial, blind, without_target_prefix(test), "without");
}

void run(Trial& trial) {
  RandomStream random = trial.random("language");
  const PhraseTranslation language(6, 3, 0.5, random);
  check_gradients(trial, language);
  train(trial, language);
}

}  // namespace

extern const Experiment q042;
const Experiment q042 = {
    .row = 42,
    .question = {"How does the training loss of a Transformer work, and what is its mathematics?",
                 "Transformer 的训练损失如何工作，数学公式是什么？"},
    .prediction = {"Derived by hand, back-propagated and by finite differences the gradient is the same to 1e-6. The "
                   "formula is right with one-hot targets over the "
                   "classes of every position; with labels as numbers it depends on how they are numbered. Training "
                   "comes within 0.05 nats of the entropy, which is not 0.",
                   "手推、反向传播与有限差分的梯度在 1e-6 "
                   "内一致。公式在每个位置对类别取独热目标时正确；若把标签当作数值，则结果取决于编号。训练后损失与熵相"
                   "差不到 0.05 纳特，而熵不为 0。"},
    .scope = {"Gradients in f64 of a Transformer of width 12 with 1 + 1 layers; training of one of width 32 with 2 + 2 "
              "layers on a toy "
              "translation of 4 words with three possible phrases each.",
              "宽度 12、1+1 层 Transformer 的 f64 梯度；宽度 32、2+2 层的模型在玩具翻译任务上训练：4 "
              "个词，每个词有三种可能的译法。"},
    .literature = {{"The cross-entropy of language models falls as a power law of size, data and compute towards an "
                    "entropy that is not zero.",
                    "Kaplan et al. 2020, Scaling Laws for Neural Language Models"},
                   {"Trained on true prefixes, a model must go on from its own when it generates: scheduled sampling "
                    "tries to bridge the two.",
                    "Bengio et al. 2015, Scheduled Sampling for Sequence Prediction"}},
    .settings = {{"places", 1, 4, 20, "places in every weight where finite differences are taken"},
                 {"updates", 4, 20, 100, "batches that a step is tried on, for each rate"},
                 {"train_steps", 5, 1000, 3000, "of 64 sentences"},
                 {"test", 20, 500, 2000, "sentences"}},
    .quick_seconds = 20,
    .full_seconds = 120,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
