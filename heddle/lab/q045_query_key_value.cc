// Row 45: what do queries, keys and values do?
//
// A one-layer translator that recalls values by keys is given two inputs at once: a base, and the queries, keys or
// values of a donor in place of its own (activation patching: Vig et al. 2020; Meng et al. 2022). If queries say what
// is looked for, keys where it is found and values what is read there, each patch must give an answer of its own, known
// beforehand:
//   queries of the donor: the base's value for the key that the donor asks for;
//   keys of the donor: what the base has at the place where the donor keeps the wanted key;
//   values of the donor: what the donor has at the place where the base keeps it.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include "heddle/lab/learner.h"
#include "heddle/lab/tasks/recall.h"
#include "heddle/lab/trial.h"
#include "heddle/nn/hooks.h"

namespace heddle::lab {
namespace {

constexpr const char* kAttention = "decoder.layers.0.cross_attention";
constexpr const char* kParts[] = {"query", "key", "value"};
const RecallTask kTask;

std::string point(const std::string& part) { return std::string(kAttention) + "." + part; }

// What one pass over a batch shows.
struct Pass {
  Tensor parts[3];               // queries, keys, values
  Tensor output;                 // of the attention
  std::vector<double> weights;   // [target tokens, facts]
  std::vector<int32_t> answers;  // the most probable token
};

Pass read(const Learner& learner, const RecallBatch& batch, nn::Hooks hooks = {}) {
  Pass pass;
  hooks.at(point("output"), nn::Hooks::record(pass.output));
  hooks.weights(kAttention, [&](const nn::AttentionMap& map) {
    pass.weights.insert(pass.weights.end(), map.values.begin(), map.values.end());
  });
  const Tensor log_p = learner.log_probabilities(batch.tokens, &hooks);
  for (int64_t t = 0; t < log_p.rows(); ++t) {
    const float* row = log_p.data<float>() + t * log_p.width();
    pass.answers.push_back(static_cast<int32_t>(std::max_element(row, row + log_p.width()) - row));
  }
  return pass;
}

// The same with everything recorded that another pass may be given.
Pass record(const Learner& learner, const RecallBatch& batch) {
  Tensor parts[3];
  nn::Hooks hooks;
  for (int p = 0; p < 3; ++p) hooks.at(point(kParts[p]), nn::Hooks::record(parts[p]));
  Pass pass = read(learner, batch, std::move(hooks));
  std::ranges::copy(parts, pass.parts);
  return pass;
}

Pass patched(const Learner& learner, const RecallBatch& batch, int part, const Tensor& by) {
  nn::Hooks hooks;
  hooks.at(point(kParts[part]), nn::Hooks::replace(by));
  return read(learner, batch, std::move(hooks));
}

// Half the summed difference of the weights of target tokens whose place in their sequence is wanted; the mean over
// them.
template <class Wanted>
double weights_change(const Pass& a, const Pass& b, const Wanted& wanted) {
  double sum = 0, rows = 0;
  const auto facts = static_cast<size_t>(kTask.facts), queries = static_cast<size_t>(kTask.queries);
  for (size_t t = 0; t < a.answers.size(); ++t) {
    if (!wanted(t % queries)) continue;
    ++rows;
    for (size_t j = t * facts; j < (t + 1) * facts; ++j) sum += std::abs(a.weights[j] - b.weights[j]) / 2;
  }
  return sum / rows;
}

double change(const Tensor& a, const Tensor& b) {
  double difference = 0, size = 0;
  for (int64_t i = 0; i < a.count(); ++i) {
    const double x = static_cast<double>(a.data<float>()[i]), y = static_cast<double>(b.data<float>()[i]);
    difference += (x - y) * (x - y);
    size += x * x;
  }
  return std::sqrt(difference / size);
}

constexpr int kBase = 3;  // no patch

// The answer that a patch must give at target token t; nothing where the facts do not decide it.
std::optional<int32_t> predicted(int part, const RecallBatch& base, const RecallBatch& donor, size_t t) {
  if (part == kBase) return base.tokens.target_out.ids[t];
  const auto sequence = static_cast<int64_t>(t) / kTask.queries;
  const auto from = base.tokens.source.sequence(sequence), from_donor = donor.tokens.source.sequence(sequence);
  const auto key_at = [](int32_t token) { return (token - kTask.keys - kTask.values) / kTask.values; };
  const auto value_at = [](int32_t token) {
    return kTask.value_token((token - kTask.keys - kTask.values) % kTask.values);
  };
  if (part == 2) return value_at(from_donor[static_cast<size_t>(base.places[t])]);
  const int32_t key = (part == 0 ? donor : base).tokens.target_in.ids[t];
  const auto looked_at = part == 0 ? from : from_donor;
  for (size_t j = 0; j < looked_at.size(); ++j)
    if (key_at(looked_at[j]) == key) return value_at(from[j]);
  return std::nullopt;
}

// Of the answers that the patch of `part` should have changed, the share that is what a patch of `expected` predicts.
double follows(const Pass& pass, int expected, int part, const RecallBatch& base, const RecallBatch& donor) {
  double all = 0, right = 0;
  for (size_t t = 0; t < pass.answers.size(); ++t) {
    const auto own = predicted(part, base, donor, t), other = predicted(expected, base, donor, t);
    if (!own || !other || *own == base.tokens.target_out.ids[t] || (part != expected && *own == *other)) continue;
    ++all;
    right += pass.answers[t] == *other;
  }
  return right / all;
}

// The largest difference between the attention's output and Σ weight·value.
double weighted_sum_error(const Pass& pass) {
  double worst = 0;
  for (int64_t t = 0; t < pass.output.rows(); ++t)
    for (int64_t c = 0; c < pass.output.width(); ++c) {
      double sum = 0;
      for (int64_t j = 0; j < kTask.facts; ++j)
        sum += pass.weights[static_cast<size_t>(t * kTask.facts + j)] *
               static_cast<double>(
                   pass.parts[2].data<float>()[(t / kTask.queries * kTask.facts + j) * pass.parts[2].width() + c]);
      worst =
          std::max(worst, std::abs(sum - static_cast<double>(pass.output.data<float>()[t * pass.output.width() + c])));
    }
  return worst;
}

// The matrix that makes the queries, keys or values.
Tensor matrix(const Learner& learner, int part) {
  const auto of = [&](const char* name) {
    return learner.weights().of(learner.parameters().find(std::string(kAttention) + name));
  };
  if (part == 0) return of(".query.weight");
  const Tensor both = of(".key_value.weight");
  return both.row_range((part - 1) * both.rows() / 2, part * both.rows() / 2);
}

// The accuracy that is lost when that matrix is put back to where training began.
double lost_without_learning(Learner& learner, const Learner& untrained, int part, const RecallBatch& batch) {
  const Tensor learned = keep(matrix(learner, part));
  const double before = learner.accuracy(batch.tokens);
  copy_into(matrix(untrained, part), matrix(learner, part));
  learner.weights().touch();
  const double after = learner.accuracy(batch.tokens);
  copy_into(learned, matrix(learner, part));
  learner.weights().touch();
  return before - after;
}

void run(Trial& trial) {
  RandomStream random = trial.random("examples");
  const RecallBatch base = recall_batch(kTask, random, 128), donor = recall_batch(kTask, random, 128);
  const model::ModelConfig config = small_model("encoder_decoder", kTask.vocab(), 64, 1, 1);
  const Learner untrained(config, small_training(3e-3), trial.seed());
  Learner learner(config, small_training(3e-3), trial.seed());
  const int64_t steps = trial.count("steps");
  for (int64_t step = 0; step < steps; ++step) {
    RecallBatch batch = recall_batch(kTask, random, 32);
    auto& answers = batch.tokens.target_out.ids;
    if (trial.null())  // broken: answers to other questions
      for (size_t i = answers.size(); i-- > 1;) std::swap(answers[i], answers[random.below(i + 1)]);
    learner.step(batch.tokens);
    if (step % 8 == 0) trial.progress(static_cast<double>(step) / static_cast<double>(steps));
  }

  const Pass own = record(learner, base), other = record(learner, donor);
  trial.figure("accuracy", learner.accuracy(base.tokens));
  const auto any = [](size_t) { return true; };
  for (int part = 0; part < 3; ++part) {
    const std::string name = kParts[part];
    const Pass pass = patched(learner, base, part, other.parts[part]);
    trial.figure("weights_change_" + name, weights_change(own, pass, any));
    const double own_share = follows(pass, part, part, base, donor);
    double best_other = 0;
    trial.figure("matrix_change_" + name, change(matrix(untrained, part), matrix(learner, part)));
    trial.figure("accuracy_lost_with_first_matrix_" + name, lost_without_learning(learner, untrained, part, base));
    for (int expected = 0; expected <= kBase; ++expected) {
      const double share = follows(pass, expected, part, base, donor);
      if (expected != part) best_other = std::max(best_other, share);
      trial.cell({"Share of patched answers (rows) that are what each patch predicts (columns)",
                  "打补丁后的答案（行）与各种补丁的预测（列）相符的比例"},
                 name + " of the donor", expected == kBase ? "no patch" : kParts[expected], share);
    }
    trial.figure("answer_follows_" + name, own_share);
    trial.figure("answer_separation_" + name, own_share - best_other);
    Heatmap heatmap = {
        {"Weights with the donor's " + name, std::string("换入另一输入的 ") + name + " 后的权重"}, {}, {}, {}};
    for (int j = 0; j < kTask.facts; ++j) heatmap.columns.push_back(fmt::format("fact {}", j + 1));
    for (int i = 0; i < kTask.queries; ++i) {
      heatmap.rows.push_back(fmt::format("k{}?", base.tokens.target_in.ids[static_cast<size_t>(i)]));
      heatmap.values.emplace_back(pass.weights.begin() + i * kTask.facts, pass.weights.begin() + (i + 1) * kTask.facts);
    }
    trial.heatmap(heatmap);
  }

  // The queries of the first target token alone.
  const Tensor mixed = keep(own.parts[0]);
  for (int64_t row = 0; row < mixed.rows(); row += kTask.queries)
    copy_into(other.parts[0].row_range(row, row + 1), mixed.row_range(row, row + 1));
  const Pass one = patched(learner, base, 0, mixed);
  trial.figure("own_weights_change", weights_change(own, one, [](size_t place) { return place == 0; }));
  trial.figure("other_weights_change", weights_change(own, one, [](size_t place) { return place > 0; }));
  trial.figure("weighted_sum_error", weighted_sum_error(own));

  // The donor's source under the base's target: which queries and keys does it change?
  RecallBatch crossed = base;
  crossed.tokens.source = donor.tokens.source;
  const Pass pass = record(learner, crossed);
  trial.figure("cross_query_change_with_source", change(own.parts[0], pass.parts[0]));
  trial.figure("cross_key_change_with_source", change(own.parts[1], pass.parts[1]));
  Tensor before, after;
  nn::Hooks hooks;
  hooks.at("encoder.layers.0.self_attention.query", nn::Hooks::record(before));
  learner.states(base.tokens, &hooks);
  hooks.at("encoder.layers.0.self_attention.query", nn::Hooks::record(after));
  learner.states(crossed.tokens, &hooks);
  trial.figure("self_query_change_with_source", change(before, after));
}

}  // namespace

extern const Experiment q045;
const Experiment q045 = {
    .row = 45,
    .question = {"What do queries, keys and values do?", "Query、Key、Value 各起什么作用？"},
    .prediction = {"Each patch gives its own predicted answer: queries and keys move the weights, values leave them "
                   "and change what is read.",
                   "每种补丁都得到各自预言的答案：查询与键改变权重，值不改变权重而改变读出的内容。"},
    .scope = {"One-layer translators of width 64 with one head, 6 facts a source and 6 questions a target, a few "
              "hundred steps of 32 examples; 128 pairs of inputs.",
              "宽 64、单层、单头的模型；每个源 6 条事实，每个目标 6 个问题；数百步，每步 32 个样本；128 对输入。"},
    .literature =
        {{"In large language models a fact can be moved by patching single states between inputs, found at few places.",
          "Meng et al. 2022, Locating and Editing Factual Associations in GPT"}},
    .settings = {{"steps", 5, 200, 300, "of training"}},
    .full_seeds = 8,
    .quick_seconds = 10,
    .full_seconds = 40,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
