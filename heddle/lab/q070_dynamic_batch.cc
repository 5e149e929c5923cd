// Row 70: how does one train with batches of varying size, by which procedure and mathematics? (Ott et al. 2018,
// Scaling Neural Machine Translation; batches of about as many tokens: Vaswani et al. 2017, section 5.1)
//
// Sequences of very different lengths are cut into batches in four ways, padded to the longest of their batch or
// packed end to end. Short sequences are of another source than long ones, as in real text length and content go
// together. Padding, operations and time are measured; so is the gradient of an epoch, which is the same however it is
// cut, if and only if every batch counts by its tokens: Σ_b T_b·ḡ_b / Σ_b T_b.

#include <algorithm>
#include <cmath>
#include <map>

#include "heddle/base/clock.h"
#include "heddle/data/batch_plan.h"
#include "heddle/kernels/operation_count.h"
#include "heddle/lab/learner.h"
#include "heddle/lab/one_thread.h"
#include "heddle/lab/tasks/markov.h"
#include "heddle/lab/trial.h"

namespace heddle::lab {
namespace {

constexpr int64_t kVocab = 20, kSequences = 32, kTokens = 512;  // of a batch: either so many sequences or tokens
constexpr int64_t kTypical = 12, kLongest = 64;
using Batch = data::TranslationBatch;
using Plan = std::vector<std::vector<int32_t>>;  // the sequences of each batch

int64_t targets(const Batch& batch) {
  return std::ranges::count_if(batch.target_out.ids, [](int32_t id) { return id >= 0; });
}

// Sequences of log-normal length; the null experiment's are all alike, and there is nothing to pad.
class Corpus {
 public:
  Corpus(const Trial& trial, int64_t size, RandomStream& random)
      : short_(1, kVocab, 2.0, trial.random("short")), long_(1, kVocab, 2.0, trial.random("long")) {
    for (int64_t i = 0; i < size; ++i) {
      const double length = trial.null() ? 16 : kTypical * std::exp(0.5 * random.normal());
      lengths_.push_back(std::clamp<int64_t>(std::lround(length), 3, kLongest));
      const MarkovSource& source = lengths_.back() <= kTypical ? short_ : long_;
      sequences_.push_back(source.batch(std::span(&lengths_.back(), 1), random, i));
      set_.add({}, sequences_.back().target_in.ids);
    }
  }

  int64_t size() const { return std::ssize(lengths_); }
  int64_t length(int32_t i) const { return lengths_[static_cast<size_t>(i)]; }
  const data::TranslationSet& set() const { return set_; }

  // End to end, or padded to the longest of them: a decoder's tokens do not see what comes after them.
  Batch batch(const std::vector<int32_t>& which, bool padded) const {
    int64_t longest = 0;
    for (const int32_t i : which) longest = std::max(longest, length(i));
    Batch batch;
    for (const int32_t i : which) {
      std::vector<int32_t> in = sequences_[static_cast<size_t>(i)].target_in.ids,
                           out = sequences_[static_cast<size_t>(i)].target_out.ids;
      if (padded) in.resize(static_cast<size_t>(longest), 0), out.resize(static_cast<size_t>(longest), -1);
      batch.target_in.add(i, in);
      batch.target_out.add(i, out);
    }
    return batch;
  }
  Batch all() const {
    std::vector<int32_t> every(lengths_.size());
    for (size_t i = 0; i < every.size(); ++i) every[i] = static_cast<int32_t>(i);
    return batch(every, false);
  }

 private:
  MarkovSource short_, long_;
  std::vector<int64_t> lengths_;
  std::vector<Batch> sequences_;
  data::TranslationSet set_;
};

template <class T>
void shuffle(std::vector<T>& values, RandomStream& random) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.below(i)]);
}

// In random order, or with batches of similar length; as many sequences in each, or as many tokens.
Plan cut(const Corpus& corpus, bool sorted, bool by_tokens, RandomStream& random) {
  Plan plan;
  if (sorted && by_tokens) {  // as heddle train does it
    const data::BatchPlan made(corpus.set(), kTokens, random.below(1u << 30), 0);
    for (int64_t b = 0; b < made.batches(); ++b) plan.emplace_back(made.batch(b).begin(), made.batch(b).end());
    return plan;
  }
  std::vector<int32_t> order(static_cast<size_t>(corpus.size()));
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int32_t>(i);
  shuffle(order, random);
  if (sorted) std::ranges::stable_sort(order, {}, [&](int32_t i) { return corpus.length(i); });
  int64_t tokens = 0;
  for (const int32_t i : order) {
    tokens += corpus.length(i);
    if (plan.empty() || (by_tokens ? tokens > kTokens : std::ssize(plan.back()) == kSequences)) {
      plan.emplace_back();
      tokens = corpus.length(i);
    }
    plan.back().push_back(i);
  }
  shuffle(plan, random);
  return plan;
}

struct Cut {
  std::string name;
  bool sorted, by_tokens;
};
const std::vector<Cut> kCuts = {{"random_count", false, false},
                                {"random_tokens", false, true},
                                {"sorted_count", true, false},
                                {"sorted_tokens", true, true}};

int64_t padded_rows(const Corpus& corpus, const std::vector<int32_t>& batch) {
  int64_t longest = 0;
  for (const int32_t i : batch) longest = std::max(longest, corpus.length(i));
  return longest * std::ssize(batch);
}

// The share of rows that are padding, and the largest batch against the mean one.
void measure_padding(Trial& trial) {
  RandomStream random = trial.random("padding");
  const Corpus corpus(trial, 64 * trial.count("sequences"), random);
  std::map<std::string, double> waste, largest;
  for (const Cut& way : kCuts) {
    const Plan plan = cut(corpus, way.sorted, way.by_tokens, random);
    int64_t rows = 0, most = 0;
    for (const auto& batch : plan) {
      rows += padded_rows(corpus, batch);
      most = std::max(most, padded_rows(corpus, batch));
    }
    waste[way.name] = 1 - static_cast<double>(corpus.set().target_tokens()) / static_cast<double>(rows);
    largest[way.name] = static_cast<double>(most * std::ssize(plan)) / static_cast<double>(rows);
    trial.figure("waste_" + way.name, waste[way.name]);
    trial.figure("largest_over_mean_" + way.name, largest[way.name]);
    const Bilingual title{"Ways to cut an epoch into batches, padded", "切分批次的方式（填充）"};
    trial.cell(title, way.name, "share of padding", waste[way.name]);
    trial.cell(title, way.name, "largest batch / mean", largest[way.name]);
  }
  trial.figure("waste_change_by_size_alone", waste["random_tokens"] - waste["random_count"]);
  trial.figure("waste_change_by_order_alone", waste["sorted_count"] - waste["random_count"]);
  trial.figure("waste_change_by_both", waste["sorted_tokens"] - waste["random_count"]);
  trial.figure("largest_batch_change_by_size", largest["sorted_tokens"] / largest["sorted_count"]);
}

Learner learner(const Trial& trial, int64_t width, double rate, DType dtype = DType::f32) {
  return {small_model("decoder_only", kVocab, width, 1, 4), small_training(rate), trial.seed(), dtype};
}

// Operations and processor time for each target token, on one thread, against random batches of equal count.
void measure_speed(Trial& trial) {
  RandomStream random = trial.random("speed");
  const Corpus corpus(trial, trial.count("sequences"), random);
  Learner model = learner(trial, 64, 1e-3);
  const OneThread one;
  std::map<std::string, double> operations, seconds;
  for (const Cut& way : kCuts) {
    const Plan plan = cut(corpus, way.sorted, way.by_tokens, random);
    for (const bool padded : {true, false}) {
      if (!padded && way.name != "sorted_tokens") continue;
      const std::string name = padded ? way.name : "packed";
      for (int64_t repeat = 0; repeat < trial.count("repeats"); ++repeat) {
        double spent = 0;
        const kernels::OperationCount count;
        for (const auto& which : plan) {
          const Batch batch = corpus.batch(which, padded);
          const double began = thread_cpu_seconds();
          model.add_gradients(batch, 1);
          spent += thread_cpu_seconds() - began;
        }
        operations[name] = static_cast<double>(count.total());
        seconds[name] = repeat == 0 ? spent : std::min(seconds[name], spent);
        trial.progress(0.1);
      }
    }
  }
  for (const auto& [name, spent] : seconds) {
    const Bilingual title{"Against random batches of equal count, padded", "相对随机等条数批次（填充）"};
    trial.cell(title, name, "operations", operations[name] / operations["random_count"]);
    trial.cell(title, name, "tokens a second", seconds["random_count"] / spent);
    if (name == "random_count") continue;
    trial.figure("operations_" + name, operations[name] / operations["random_count"]);
    trial.figure("tokens_per_second_" + name, seconds["random_count"] / spent);
  }
}

// The epoch's gradient from batches: weighted by their tokens, and as the plain mean of their means. In f64.
void measure_gradient(Trial& trial) {
  RandomStream random = trial.random("gradient");
  const Corpus corpus(trial, kSequences * std::max<int64_t>(2, trial.count("sequences") / 128), random);
  Learner model = learner(trial, 16, 1e-3, DType::f64);
  const auto add = [&](const Batch& batch, double scale) { model.add_gradients(batch, scale); };
  const auto taken = [&] {
    const auto flat = model.gradients().flat().span<double>();
    std::vector<double> copy(flat.begin(), flat.end());
    model.gradients().zero();
    return copy;
  };
  model.gradients().zero();
  const Batch all = corpus.all();
  const auto tokens = static_cast<double>(targets(all));
  add(all, 1 / tokens);
  const std::vector<double> truth = taken();
  const auto error = [&](const std::vector<double>& other) {
    double difference = 0, size = 0;
    for (size_t i = 0; i < truth.size(); ++i) {
      difference += (other[i] - truth[i]) * (other[i] - truth[i]);
      size += truth[i] * truth[i];
    }
    return std::sqrt(difference / size);
  };
  double worst = 0;
  for (const Cut& way : kCuts) {
    const Plan plan = cut(corpus, way.sorted, way.by_tokens, random);
    for (const auto& which : plan) add(corpus.batch(which, true), 1 / tokens);  // T_b·ḡ_b / Σ T_b
    worst = std::max(worst, error(taken()));
    for (const auto& which : plan) {
      const Batch batch = corpus.batch(which, true);
      add(batch, 1 / static_cast<double>(targets(batch) * std::ssize(plan)));
    }
    trial.figure("gradient_error_means_" + way.name, error(taken()));
    trial.progress(0.2);
  }
  trial.figure("gradient_error_weighted", worst);
}

// Trains on new sequences: equal counts in random order, and equal tokens of similar lengths.
void train(Trial& trial) {
  const int64_t epochs = trial.count("epochs"), size = trial.count("sequences");
  RandomStream held_out = trial.random("held out");
  const Batch test = Corpus(trial, size, held_out).all();
  std::map<std::string, std::vector<std::pair<int64_t, double>>> curve;  // padded rows so far, loss after each epoch
  for (const Cut& way : {kCuts.front(), kCuts.back()}) {
    RandomStream random = trial.random("training");
    Learner model = learner(trial, 32, 3e-3);
    int64_t rows = 0, tokens = 0;
    for (int64_t epoch = 0; epoch < epochs; ++epoch) {
      const Corpus corpus(trial, size, random);
      RandomStream order = trial.random("order");
      for (const auto& which : cut(corpus, way.sorted, way.by_tokens, order)) {
        model.step(corpus.batch(which, false));
        rows += padded_rows(corpus, which);
      }
      tokens += corpus.set().target_tokens();
      curve[way.name].emplace_back(rows, model.loss(test));
      trial.point({"Held-out loss by tokens seen", "留出集损失与所见词元"}, {"tokens", "nats per token", false, false},
                  way.name, static_cast<double>(tokens), curve[way.name].back().second);
      trial.progress((way.by_tokens ? 0.6 : 0.2) + 0.4 * static_cast<double>(epoch) / static_cast<double>(epochs));
    }
  }
  const auto& fixed = curve["random_count"];
  const auto [budget, loss] = curve["sorted_tokens"].back();
  trial.figure("loss_change_same_tokens", loss - fixed.back().second);
  // The last epoch that equal counts can pay for with as many rows, padding and all.
  auto paid = fixed.begin();
  while (std::next(paid) != fixed.end() && std::next(paid)->first <= budget) ++paid;
  trial.figure("loss_change_same_rows", loss - paid->second);
}

void run(Trial& trial) {
  measure_padding(trial);
  measure_speed(trial);
  measure_gradient(trial);
  train(trial);
}

}  // namespace

extern const Experiment q070;
const Experiment q070 = {
    .row = 70,
    .question = {"How does a Transformer train with batches of varying size: why, by which procedure, by which proof?",
                 "Transformer 如何用动态 Batch 大小训练？其原理、流程与数学证明是什么？"},
    .prediction =
        {"Sorting by length removes most padding, varying the size alone does not; it bounds the largest "
         "batch. Packing removes all. Weighted by tokens the expected gradient is the same however the "
         "epoch is cut; a mean of batch means is another one. The loss after the same tokens does not "
         "change; after the same computation it is lower.",
         "按长度排序可去掉大部分填充，只变批大小则不能，但可限制最大批；打包则无填充。按词元加权时期望梯度与切"
         "法无关，批均值的平均则不同。同样词元数损失不变，同样计算量时更低。"},
    .scope = {"Markov sequences of 3 to 64 tokens, log-normal in length, those above 12 of another source than the "
              "rest; batches of 32 sequences or 512 tokens; decoders of one layer, width 16 to 64.",
              "长 3 至 64、对数正态分布的马尔可夫序列，长于 12 的来自另一信源；每批 32 条或 512 词元；一层解码器，宽 "
              "16 至 64。"},
    .literature =
        {{"Batches of similar length with about 25,000 source and target tokens each.",
          "Vaswani et al. 2017, Attention Is All You Need, section 5.1"},
         {"Sequences packed without padding train BERT twice as fast with the same result, if the loss and the "
          "learning rate are adjusted for the packing.",
          "Krell et al. 2021, Efficient Sequence Packing without Cross-contamination"},
         {"A batch that grows during training does what a falling learning rate does, in fewer steps.",
          "Smith et al. 2018, Don't Decay the Learning Rate, Increase the Batch Size"}},
    .settings = {{"sequences", 64, 1024, 1024, "in an epoch"},
                 {"epochs", 2, 6, 10, "of training, each of new sequences"},
                 {"repeats", 1, 3, 5, "timings, of which the least counts"}},
    .quick_seconds = 15,
    .full_seconds = 30,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
