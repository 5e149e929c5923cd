// Row 47: how does a Transformer come to its attention weights?
//
// A one-layer translator recalls values by keys; every fact stands in two places of the source, so that the task does
// not say which of them to look at. The map is watched while it forms. Beside the plain model: one that is told by
// guided alignment (Garg et al. 2019) to look at the first copy, and one whose gradient does not pass through the
// softmax.

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "heddle/lab/learner.h"
#include "heddle/lab/tasks/recall.h"
#include "heddle/lab/trial.h"
#include "heddle/nn/guided_alignment.h"
#include "heddle/nn/hooks.h"

namespace heddle::lab {
namespace {

constexpr const char* kAttention = "decoder.layers.0.cross_attention";
const RecallTask kTask = {.copies = 2};
const int64_t kFacts = 2 * kTask.facts;

using Matrix = std::vector<double>;  // [queries, facts], row by row

// The maps of all sequences of a batch.
std::vector<Matrix> maps_of(const Learner& learner, const RecallBatch& batch) {
  std::vector<Matrix> maps;
  nn::Hooks hooks;
  hooks.weights(kAttention,
                [&](const nn::AttentionMap& map) { maps.emplace_back(map.values.begin(), map.values.end()); });
  learner.states(batch.tokens, &hooks);
  return maps;
}

// The mean weight of the places that hold the wanted fact: the first copy, and both.
struct Mass {
  double first = 0, both = 0;
};

Mass mass_of(const std::vector<Matrix>& maps, const RecallBatch& batch) {
  Mass mass;
  const double share = 1 / static_cast<double>(batch.places.size() / 2);
  for (size_t t = 0; t < batch.places.size() / 2; ++t) {
    const auto queries = static_cast<size_t>(kTask.queries);
    const double* row = maps[t / queries].data() + t % queries * static_cast<size_t>(kFacts);
    mass.first += share * row[batch.places[2 * t]];
    mass.both += share * (row[batch.places[2 * t]] + row[batch.places[2 * t + 1]]);
  }
  return mass;
}

// Half the sum of the differences, per row: 0 for equal maps, 1 for disjoint ones.
double distance(const Matrix& a, const Matrix& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]) / 2;
  return sum / static_cast<double>(kTask.queries);
}

double change_with_input(const std::vector<Matrix>& maps) {
  double sum = 0;
  for (size_t i = 1; i < maps.size(); ++i) sum += distance(maps[i], maps[0]) / static_cast<double>(maps.size() - 1);
  return sum;
}

// The accuracy when every input is given the mean map of all: what one map for all inputs could do.
double accuracy_with_one_map(const Learner& learner, const RecallBatch& batch, const std::vector<Matrix>& maps) {
  Matrix mean(maps[0].size());
  for (const Matrix& map : maps)
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += map[i] / static_cast<double>(maps.size());
  nn::Hooks hooks;
  hooks.weights(kAttention, [&](const nn::AttentionMap& map) { std::ranges::copy(mean, map.values.begin()); });
  return learner.accuracy(batch.tokens, &hooks);
}

// The largest difference between the weights and softmax(scale·q·kᵀ), for the first sequence.
double error_of_formula(const Learner& learner, const RecallBatch& batch, double scale) {
  Tensor q, k;
  nn::Hooks hooks;
  hooks.at(std::string(kAttention) + ".query", nn::Hooks::record(q));
  hooks.at(std::string(kAttention) + ".key", nn::Hooks::record(k));
  learner.states(batch.tokens, &hooks);
  const Matrix shown = maps_of(learner, batch)[0];
  double worst = 0;
  for (int64_t i = 0; i < kTask.queries; ++i) {
    Matrix powers;
    double sum = 0;
    for (int64_t j = 0; j < kFacts; ++j) {
      double dot = 0;
      for (int64_t c = 0; c < q.width(); ++c)
        dot += static_cast<double>(q.data<float>()[i * q.width() + c]) *
               static_cast<double>(k.data<float>()[j * k.width() + c]);
      powers.push_back(std::exp(scale * dot));
      sum += powers.back();
    }
    for (int64_t j = 0; j < kFacts; ++j)
      worst =
          std::max(worst, std::abs(powers[static_cast<size_t>(j)] / sum - shown[static_cast<size_t>(i * kFacts + j)]));
  }
  return worst;
}

// Broken: answers, and alignments, of other examples.
void shuffle(RandomStream& random, RecallBatch& batch) {
  for (size_t i = batch.tokens.target_out.ids.size(); i-- > 1;)
    std::swap(batch.tokens.target_out.ids[i], batch.tokens.target_out.ids[random.below(i + 1)]);
  for (int32_t& place : batch.places) place = static_cast<int32_t>(random.below(static_cast<uint64_t>(kFacts)));
}

enum class Arm { plain, guided, detached };

void show_map(Trial& trial, const Matrix& map, const RecallBatch& batch, int64_t step) {
  Heatmap heatmap = {{fmt::format("Weights after {} steps", step), fmt::format("{} 步后的权重", step)}, {}, {}, {}};
  for (const int32_t id : batch.tokens.source.sequence(0)) {
    const int fact = id - kTask.keys - kTask.values;
    heatmap.columns.push_back(fmt::format("k{}=v{}", fact / kTask.values, fact % kTask.values));
  }
  for (int64_t i = 0; i < kTask.queries; ++i) {
    heatmap.rows.push_back(fmt::format("k{}?", batch.tokens.target_in.sequence(0)[static_cast<size_t>(i)]));
    heatmap.values.emplace_back(map.begin() + i * kFacts, map.begin() + (i + 1) * kFacts);
  }
  trial.heatmap(heatmap);
}

struct Trained {
  std::unique_ptr<Learner> learner;
  Mass start, seen, unseen;
};

Trained train(Trial& trial, Arm arm, const std::vector<RecallBatch>& pool, const RecallBatch& test) {
  const char* name = arm == Arm::plain ? "plain" : arm == Arm::guided ? "guided" : "no gradient through the softmax";
  model::ModelConfig config = small_model("encoder_decoder", kTask.vocab(), 64, 1, 1);
  config.layer.ffn = 128;
  Trained result = {std::make_unique<Learner>(config, small_training(3e-3), trial.seed()), {}, {}, {}};
  Learner& learner = *result.learner;
  nn::GuidedAlignment guide(kAttention, model::resolve_layer(config, model::Stack::decoder, 0).cross_attention);
  nn::Hooks detach;
  for (const char* point : {".query", ".key"})
    detach.at(std::string(kAttention) + point,
              [](const Tensor& value, const Rows&) { return ops::stop_gradient(value); });
  const int64_t steps = trial.count("steps");
  for (int64_t step = 0, shown = 0; step <= steps; ++step) {
    if (step == shown || step == steps) {
      const std::vector<Matrix> maps = maps_of(learner, test);
      result.unseen = mass_of(maps, test);
      if (step == 0) result.start = result.unseen;
      if (arm == Arm::plain) show_map(trial, maps[0], test, step);
      trial.point({"Weight on the two places that hold the answer", "落在答案所在两处的权重"}, {"step", "weight"}, name,
                  static_cast<double>(step), result.unseen.both);
      trial.point({"Weight on the first of them", "落在其中第一处的权重"}, {"step", "weight"}, name,
                  static_cast<double>(step), result.unseen.first);
      shown = shown == 0 ? 10 : 2 * shown;
    }
    if (step == steps) break;
    const RecallBatch& batch = pool[static_cast<size_t>(step) % pool.size()];
    std::vector<int32_t> offsets, first;  // every target token is linked to the first copy
    for (size_t t = 0; t <= batch.places.size() / 2; ++t) offsets.push_back(static_cast<int32_t>(t));
    for (size_t t = 0; t < batch.places.size(); t += 2) first.push_back(batch.places[t]);
    StepExtras extras;
    if (arm == Arm::detached) extras.probe = &detach;
    if (arm == Arm::guided)
      extras = {&guide, [&] { return guide.loss({offsets, first}, 1 / static_cast<double>(first.size())).loss; }};
    learner.step(batch.tokens, extras);
    if (step % 8 == 0)
      trial.progress((static_cast<double>(arm) + static_cast<double>(step) / static_cast<double>(steps)) / 3);
  }
  result.seen = mass_of(maps_of(learner, pool[0]), pool[0]);
  return result;
}

void run(Trial& trial) {
  RandomStream random = trial.random("examples");
  std::vector<RecallBatch> pool;
  for (int64_t i = 0; i < trial.count("batches"); ++i) pool.push_back(recall_batch(kTask, random, 32));
  RecallBatch test = recall_batch(kTask, random, 64);
  if (trial.null())
    for (RecallBatch& batch : pool) shuffle(random, batch);
  if (trial.null()) shuffle(random, test);

  const Learner untrained(small_model("encoder_decoder", kTask.vocab(), 64, 1, 1), small_training(0), trial.seed());
  const std::vector<Matrix> first_maps = maps_of(untrained, test);
  trial.figure("start_change_with_input", change_with_input(first_maps));
  trial.figure("start_distance_from_uniform",
               distance(first_maps[0], Matrix(first_maps[0].size(), 1 / static_cast<double>(kFacts))));
  const Trained plain = train(trial, Arm::plain, pool, test), guided = train(trial, Arm::guided, pool, test),
                detached = train(trial, Arm::detached, pool, test);
  const std::vector<Matrix> maps = maps_of(*plain.learner, test);
  const double own = plain.learner->accuracy(test.tokens), one_map = accuracy_with_one_map(*plain.learner, test, maps),
               fixed = detached.learner->accuracy(test.tokens);
  trial.figure("formula_error_unscaled", error_of_formula(*plain.learner, test, 1));
  trial.figure("formula_error_scaled", error_of_formula(*plain.learner, test, 1 / std::sqrt(64.0)));
  trial.figure("mass_start", plain.start.both);
  trial.figure("mass_end", plain.unseen.both);
  trial.figure("mass_seen_minus_unseen", plain.seen.both - plain.unseen.both);
  trial.figure("first_copy_share_plain", plain.unseen.first / plain.unseen.both);
  trial.figure("first_copy_share_guided", guided.unseen.first / guided.unseen.both);
  trial.figure("mass_end_guided", guided.unseen.both);
  trial.figure("accuracy", own);
  trial.figure("accuracy_lost_with_one_map_for_all", own - one_map);
  trial.figure("mass_lost_without_gradient_path", plain.unseen.both - detached.unseen.both);
  const Bilingual table = {"Accuracy on new examples", "对新样本的准确率"};
  trial.cell(table, "plain", "accuracy", own);
  trial.cell(table, "one map for all inputs", "accuracy", one_map);
  trial.cell(table, "guided", "accuracy", guided.learner->accuracy(test.tokens));
  trial.cell(table, "no gradient through the softmax", "accuracy", fixed);
}

}  // namespace

extern const Experiment q047;
const Experiment q047 = {
    .row = 47,
    .question = {"How does a Transformer learn which attention weights are good?",
                 "Transformer 如何学到好的注意力权重？"},
    .prediction = {"The weights are computed from the input, not stored: at the start they are near uniform and differ "
                   "from input to input, one map "
                   "for all inputs fails. Trained by the answers alone they find the facts, but prefer neither copy; "
                   "only guided alignment does.",
                   "权重由输入算出而非存储：开始时接近均匀，且随输入而变，所有输入共用一张图则失败。仅凭答案训练即可找"
                   "到事实，但不偏向哪一份副本；只有引导对齐会偏向。"},
    .scope = {"One-layer translators of width 64 with one head, 12 facts (6, twice each) a source, 6 questions a "
              "target, a few hundred steps of 32 examples.",
              "宽 64、单层、单头的模型；每个源有 12 条事实（6 条各两份），每个目标 6 个问题；数百步，每步 32 个样本。"},
    .literature =
        {{"Supervising one head by alignments brings its alignment error near that of statistical aligners, at no cost "
          "in translation quality.",
          "Garg et al. 2019, Jointly Learning to Align and Translate with Transformer Models"},
         {"Attention weights can often be changed without changing the output: they are no unique explanation of it.",
          "Jain & Wallace 2019, Attention is not Explanation"}},
    .settings = {{"steps", 5, 240, 400, "of training"},
                 {"batches", 2, 40, 80, "of 32 examples to train on, again and again"}},
    .full_seeds = 8,
    .quick_seconds = 20,
    .full_seconds = 120,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
