// Row 1: which mathematical model lets a Transformer learn and generate? (Vaswani et al. 2017;
// entropy rate: Shannon 1948)
//
// p(x) = Π p(x_t | x_<t), each factor a softmax over scores. On a Markov source the least possible
// cross-entropy is known. The source's scorer, Σ αᵢ g(next, xᵢ), is trained beside the Transformer,
// on the same tokens.

#include <algorithm>
#include <cmath>
#include <vector>

#include "heddle/lab/learner.h"
#include "heddle/lab/tasks/markov.h"
#include "heddle/lab/tasks/pairwise_scorer.h"
#include "heddle/lab/trial.h"
#include "heddle/nn/hooks.h"

namespace heddle::lab {
namespace {

constexpr int64_t kVocab = 8, kLength = 16, kLayers = 2, kHeads = 4;
using Batch = data::TranslationBatch;

Batch draw(const MarkovSource& source, int64_t sequences, RandomStream& random) {
  return source.batch(std::vector<int64_t>(static_cast<size_t>(sequences), kLength), random);
}

// Every token a sequence of its own: attention has nothing but the token itself to look at.
Batch cut_into_tokens(const Batch& batch) {
  Batch cut;
  for (size_t i = 0; i < batch.target_in.ids.size(); ++i) {
    cut.target_in.add(static_cast<int64_t>(i), {&batch.target_in.ids[i], 1});
    cut.target_out.add(static_cast<int64_t>(i), {&batch.target_out.ids[i], 1});
  }
  return cut;
}

struct Arm {
  Trial& trial;
  const MarkovSource& source;
  std::string name;
  double begin, end;  // share of the trial

  // Trains by step(batch, rate at most 1), returns the cross-entropy: what loss() exceeds the
  // source's own −log p by on the same tokens, above its entropy rate (less noise than the mean
  // loss, the same expectation).
  template <class Step, class Loss>
  double train(Step&& step, Loss&& loss) const {
    RandomStream random = trial.random("training " + std::to_string(source.order())), fresh = trial.random("test");
    const Batch test = draw(source, trial.count("test"), fresh);
    const auto cross_entropy = [&] { return source.entropy_rate() + loss(test) - source.loss(test); };
    // The null experiment trains nothing.
    const int64_t steps = trial.null() ? 0 : trial.count("steps"), every = std::max<int64_t>(1, steps / 12);
    for (int64_t i = 0; i < steps; ++i) {
      if (i % every == 0)
        trial.point(
            {fmt::format("Cross-entropy, order {}", source.order()), fmt::format("交叉熵，{} 阶", source.order())},
            {"step", "nats per token"}, name, static_cast<double>(i), cross_entropy());
      const double done = static_cast<double>(i) / static_cast<double>(steps);
      step(draw(source, 64, random), 1 - done);
      trial.progress(begin + (end - begin) * done);
    }
    const double reached = cross_entropy();
    const Bilingual table{"Cross-entropy, nats per token", "交叉熵（奈特/词元）"};
    trial.cell(table, name, fmt::format("order {}", source.order()), reached);
    trial.cell(table, "entropy rate", fmt::format("order {}", source.order()), source.entropy_rate());
    return reached;
  }

  double train(Learner& learner) const {
    return train([&](const Batch& batch, double) { learner.step(batch); },
                 [&](const Batch& batch) { return learner.loss(batch); });
  }
  double train(PairwiseScorer scorer) const {
    return train([&](const Batch& batch, double rate) { scorer.step(batch, 0.05 * rate); },
                 [&](const Batch& batch) { return scorer.loss(batch); });
  }
};

Learner transformer(const Trial& trial) {
  train::TrainConfig config = small_training(3e-3);
  config.schedule = "linear";
  config.max_steps = trial.count("steps");
  return {small_model("decoder_only", kVocab, trial.count("width"), kLayers, kHeads), config, trial.seed()};
}

// Attention weights [sequence, head, row, column] of a layer.
struct Weights {
  std::vector<double> values;
  double at(int64_t sequence, int64_t head, int64_t row, int64_t column) const {
    return values[static_cast<size_t>(((sequence * kHeads + head) * kLength + row) * kLength + column)];
  }
};

std::vector<Weights> weights_of(const Learner& learner, const Batch& batch) {
  const int64_t sequences = std::ssize(batch.target_in.ids) / kLength;
  std::vector<Weights> layers(kLayers);
  nn::Hooks hooks;
  for (size_t layer = 0; layer < kLayers; ++layer) {
    std::vector<double>& values = layers[layer].values;
    values.resize(static_cast<size_t>(sequences * kHeads * kLength * kLength));
    hooks.weights(fmt::format("decoder.layers.{}.self_attention", layer), [&](const nn::AttentionMap& map) {
      std::ranges::copy(map.values, values.begin() + (map.sequence * kHeads + map.head) * kLength * kLength);
    });
  }
  learner.loss(batch, &hooks);
  return layers;
}

// Where the trained model looks, and whether the token that is to be predicted changes it.
void look_at_attention(Trial& trial, const Learner& learner, const MarkovSource& source) {
  constexpr int64_t kSequences = 64;
  RandomStream random = trial.random("attention");
  const Batch batch = draw(source, kSequences, random);
  Batch other = batch;  // another last token: the next one for the row before, its own for the last row
  for (int64_t s = 0; s < kSequences; ++s) {
    int32_t& last = other.target_in.ids[static_cast<size_t>((s + 1) * kLength - 1)];
    last = static_cast<int32_t>((last + 1 + static_cast<int32_t>(random.below(kVocab - 1))) % kVocab);
  }
  const std::vector<Weights> weights = weights_of(learner, batch), changed = weights_of(learner, other);
  double by_next = 0, by_last = 0, needed = 0, best = 0;
  const auto all = static_cast<double>(kSequences * kHeads * kLayers);
  for (size_t layer = 0; layer < kLayers; ++layer) {
    for (int64_t head = 0; head < kHeads; ++head) {
      double previous = 0;
      std::vector<double> mean(kLength, 0.0);
      for (int64_t s = 0; s < kSequences; ++s) {
        const auto at = [&](int64_t row, int64_t column) { return weights[layer].at(s, head, row, column); };
        const auto moved = [&](int64_t row) {
          double sum = 0;
          for (int64_t c = 0; c < kLength; ++c) sum += std::abs(at(row, c) - changed[layer].at(s, head, row, c)) / 2;
          return sum / all;
        };
        by_next += moved(kLength - 2);
        by_last += moved(kLength - 1);
        const double before = at(kLength - 1, kLength - 2);
        needed += (before + at(kLength - 1, kLength - 1)) / all;
        previous += before / kSequences;
        for (int64_t c = 0; c < kLength; ++c) mean[static_cast<size_t>(c)] += at(kLength - 1, c) / kSequences;
      }
      best = std::max(best, previous);
      for (int64_t c = 0; c < kLength; ++c)
        trial.point({"Mean attention weight of the last token, by distance", "末词元的平均注意力权重（按距离）"},
                    {"tokens back", "weight"}, fmt::format("layer {} head {}", layer, head),
                    static_cast<double>(kLength - 1 - c), mean[static_cast<size_t>(c)]);
    }
  }
  trial.figure("attention_change_by_next_token", by_next);
  trial.figure("attention_change_by_last_token", by_last);
  trial.figure("attention_on_needed_tokens", needed);
  trial.figure("attention_on_token_before_best_head", best);
}

// The largest |Σp − 1| and the smallest p; the null experiment leaves the most probable token out
// of the sum.
void add_up(Trial& trial, const Learner& learner, const MarkovSource& source) {
  RandomStream random = trial.random("sums");
  const Tensor log_p = learner.log_probabilities(draw(source, 64, random));
  double error = 0, least = 1;
  for (int64_t r = 0; r < log_p.rows(); ++r) {
    std::vector<double> p;
    for (const float value : log_p.row_range(r, r + 1).span<float>()) p.push_back(std::exp(static_cast<double>(value)));
    std::ranges::sort(p);
    if (trial.null()) p.pop_back();
    double sum = 0;
    for (const double one : p) sum += one;
    error = std::max(error, std::abs(sum - 1));
    least = std::min(least, p.front());
  }
  trial.figure("probability_sum_error", error);
  trial.figure("smallest_probability", least);
}

void run(Trial& trial) {
  double at = 0;
  for (const int order : {1, 2}) {
    const MarkovSource source(order, kVocab, 2.0, trial.random("source"));
    const std::string suffix = fmt::format("_ratio_order{}", order);
    const auto arm = [&](const char* name, double share) {
      const double begin = at;
      at += share;
      return Arm{trial, source, name, begin, at};
    };
    const double rate = source.entropy_rate();
    Learner learner = transformer(trial);
    const double standard = arm("Transformer", 0.2).train(learner);
    trial.figure("standard" + suffix, standard / rate);
    trial.figure("literal" + suffix, arm("literal scorer, words", 0.1).train(PairwiseScorer(kVocab, 1)) / rate);
    trial.figure("positioned" + suffix,
                 arm("literal scorer, words and places", 0.1).train(PairwiseScorer(kVocab, kLength)) / rate);
    if (order == 1) continue;
    Learner blind = transformer(trial);
    const double alone = arm("Transformer without context", 0.2)
                             .Arm::train([&](const Batch& batch, double) { blind.step(cut_into_tokens(batch)); },
                                         [&](const Batch& batch) { return blind.loss(cut_into_tokens(batch)); });
    const double one_token = source.entropy_given(1), gain = one_token - rate;
    trial.figure("context_gain_with_attention", (one_token - standard) / gain);
    trial.figure("context_gain_without_attention", (one_token - alone) / gain);
    trial.figure("entropy_rate_order2", rate);
    trial.figure("cross_entropy_order2", standard);
    add_up(trial, learner, source);
    look_at_attention(trial, learner, source);
  }
}

}  // namespace

extern const Experiment q001;
const Experiment q001 = {
    .row = 1,
    .question = {"Which mathematical model lets a Transformer be trained to represent and generate "
                 "information?",
                 "Transformer 凭什么数学模型能够训练出表达和生成信息的能力？"},
    .prediction = {"The Transformer's cross-entropy falls to the entropy rate, within 2 %. A weighted sum of "
                   "pairwise scores reaches it "
                   "on a source of order 1 if it knows positions, and on one of order 2 not even then.",
                   "Transformer 的交叉熵降到熵率，相差不超过 "
                   "2%"
                   "。成对得分的加权和只有知道位置时才在一阶信源上达到熵率，在二阶信源上即使知道位置也达不到"
                   "。"},
    .scope = {"Markov sources of order 1 and 2 over 8 tokens, sequences of 16; a decoder of two layers.",
              "8 个词元上的一阶与二阶马尔可夫信源，序列长 16；两层解码器。"},
    .literature = {{"No predictor has a lower cross-entropy than the entropy rate of the source.",
                    "Shannon 1948, A Mathematical Theory of Communication"},
                   {"Transformers trained on Markov chains of order 1 and more learn their transition "
                    "probabilities in context, through heads that look back by one token.",
                    "Edelman et al. 2024, The Evolution of Statistical Induction Heads"}},
    .settings = {{"width", 16, 48, 48, "of the Transformer"},
                 {"steps", 3, 600, 1200, "batches of 1024 tokens"},
                 {"test", 16, 500, 1500, "sequences held out"}},
    .full_seeds = 8,
    .quick_seconds = 25,
    .full_seconds = 150,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
