// Row 61: how does one train with memory for a single instance, and what has zero_grad() to do with
// it?
//
// Gradients of a sum are the sum of gradients: added up over micro-batches, each divided by the
// tokens of the whole batch, they are the batch's. The source zeroes them before every micro-batch.
// In double precision. (Ott et al. 2018, Scaling Neural Machine Translation, section 3.1.)

#include <algorithm>
#include <cmath>

#include "heddle/base/memory.h"
#include "heddle/lab/learner.h"
#include "heddle/lab/tasks/markov.h"
#include "heddle/lab/trial.h"

namespace heddle::lab {
namespace {

constexpr int64_t kVocab = 16, kBatch = 16;
using Batch = data::TranslationBatch;
using Numbers = std::vector<double>;

int64_t targets(const Batch& batch) {
  return std::ranges::count_if(batch.target_out.ids, [](int32_t id) { return id >= 0; });
}

std::vector<Batch> split_into(const Batch& batch, int64_t parts) {
  std::vector<Batch> pieces;
  data::split(batch, parts, pieces);
  return pieces;
}

// What each micro-batch's summed loss is multiplied with.
enum class Scaling : uint8_t { tokens_of_batch, mean_of_means };

void accumulate(Learner& learner, const std::vector<Batch>& pieces, Scaling scaling) {
  int64_t all = 0;
  for (const Batch& piece : pieces) all += targets(piece);
  for (const Batch& piece : pieces) {
    const auto own = static_cast<double>(targets(piece) * std::ssize(pieces));
    learner.add_gradients(piece, 1 / (scaling == Scaling::mean_of_means ? own : static_cast<double>(all)));
  }
}

Numbers gradient(Learner& learner, const std::vector<Batch>& pieces, Scaling scaling = Scaling::tokens_of_batch) {
  learner.gradients().zero();
  accumulate(learner, pieces, scaling);
  const auto flat = learner.gradients().flat().span<double>();
  return {flat.begin(), flat.end()};
}

// |a − b| / |b|
double relative_error(const Numbers& a, const Numbers& b) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(difference / size);
}

struct Setup {
  Trial& trial;
  MarkovSource source{1, kVocab, 2.0, trial.random("source")};
  model::ModelConfig config = small_model("decoder_only", kVocab, trial.count("width"), 2, 4);
  train::TrainConfig train = small_training(3e-3);

  Learner learner() const { return {config, train, trial.seed(), DType::f64}; }
  Batch batch(RandomStream& random, bool ragged = true) const {
    std::vector<int64_t> lengths(kBatch, 24);
    for (int64_t& length : lengths)
      if (ragged) length = 2 + static_cast<int64_t>(random.below(46));
    Batch batch = source.batch(lengths, random);
    if (trial.null())  // labels that nothing predicts
      for (int32_t& id : batch.target_out.ids) id = id < 0 ? id : static_cast<int32_t>(random.below(kVocab));
    return batch;
  }
  // One instance a piece; in the null experiment all in one piece.
  std::vector<Batch> instances(const Batch& batch) const { return split_into(batch, trial.null() ? 1 : kBatch); }
};

void compare_gradients(const Setup& setup) {
  Trial& trial = setup.trial;
  RandomStream random = trial.random("batches");
  Learner learner = setup.learner();
  const Batch ragged = setup.batch(random), even = setup.batch(random, false), other = setup.batch(random);
  const Numbers whole = gradient(learner, {ragged});
  const Bilingual table{"Relative error of the gradient against the whole batch", "梯度相对整批梯度的误差"};
  for (const int64_t parts : {int64_t{2}, int64_t{4}, kBatch}) {
    const std::vector<Batch> pieces = split_into(trial.null() ? other : ragged, parts), equal = split_into(even, parts);
    const std::string row = fmt::format("{} micro-batches", parts);
    const double exact = relative_error(gradient(learner, pieces), whole);
    const double ragged_means = relative_error(gradient(learner, pieces, Scaling::mean_of_means), whole);
    const double even_means =
        relative_error(gradient(learner, equal, Scaling::mean_of_means), gradient(learner, {even}));
    trial.cell(table, row, "sum / tokens of the batch", exact);
    trial.cell(table, row, "mean of means, uneven lengths", ragged_means);
    trial.cell(table, row, "mean of means, equal lengths", even_means);
    if (parts != kBatch) continue;
    trial.figure("accumulated_gradient_error", exact);
    trial.figure("mean_of_means_error_uneven", ragged_means);
    trial.figure("mean_of_means_error_equal", even_means);
  }
  double alone = 0;
  for (const Batch& piece : split_into(ragged, kBatch))
    alone += relative_error(gradient(learner, {piece}), whole) / kBatch;
  trial.figure("source_loop_gradient_error", alone);
  // What is left of the batch before: nothing after zeroing, all of it without. The null experiment
  // forgets to zero.
  const Numbers fresh = gradient(learner, {other});
  for (const bool zeroed : {true, false}) {
    gradient(learner, {ragged});
    if (zeroed && !trial.null()) learner.gradients().zero();
    accumulate(learner, {other}, Scaling::tokens_of_batch);
    const auto flat = learner.gradients().flat().span<double>();
    trial.figure(zeroed ? "carried_over_with_zeroing" : "carried_over_without_zeroing",
                 relative_error({flat.begin(), flat.end()}, fresh));
  }
}

void measure_memory(const Setup& setup) {
  Trial& trial = setup.trial;
  RandomStream random = trial.random("memory");
  const Batch batch = setup.batch(random);
  Learner whole = setup.learner(), pieces = setup.learner();
  gradient(whole, {batch});
  const std::vector<Batch> instances = setup.instances(batch);
  gradient(pieces, instances);
  const auto weights = static_cast<double>(pieces.gradients().flat().bytes());
  const auto most = static_cast<double>(whole.arena().peak_bytes()),
             least = static_cast<double>(pieces.arena().peak_bytes());
  trial.figure("activation_memory_ratio", least / most);
  trial.figure("training_memory_ratio",
               (4 * weights + least) / (4 * weights + most));  // weights, gradients, two moments
  // Everything was touched once; now many batches in a row without zeroing.
  const int64_t rounds = trial.count("rounds"), before = heap_bytes(), arena_before = pieces.arena().peak_bytes();
  for (int64_t i = 0; i < rounds; ++i) {
    accumulate(pieces, instances, Scaling::tokens_of_batch);
    trial.progress(0.1 + 0.2 * static_cast<double>(i) / static_cast<double>(rounds));
  }
  const double grown = static_cast<double>(heap_bytes() - before + pieces.arena().peak_bytes() - arena_before);
  trial.figure("gradient_copies_kept_per_batch", grown / weights / static_cast<double>(rounds * std::ssize(instances)));
  // That the measurement would have seen them: as many copies of the gradient as rounds, kept.
  const int64_t bare = heap_bytes();
  std::vector<Tensor> kept;
  for (int64_t i = 0; i < rounds; ++i) kept.push_back(keep(pieces.gradients().flat()));
  trial.figure("gradient_copies_seen_if_kept",
               static_cast<double>(heap_bytes() - bare) / weights / static_cast<double>(rounds));
}

void train(const Setup& setup) {
  Trial& trial = setup.trial;
  RandomStream held_out = trial.random("held out");
  const Batch test = setup.batch(held_out);
  const int64_t steps = trial.count("steps");
  const double uniform = std::log(static_cast<double>(kVocab));
  const Bilingual chart{"Loss on held-out sequences", "留出序列上的损失"};
  double whole_loss = 0;
  int done = 0;
  for (const std::string arm : {"whole batch", "accumulated, one step", "mean of means", "source's loop, completed",
                                "source's loop, as printed"}) {
    RandomStream random = trial.random("training");
    Learner learner = setup.learner();
    const double before = learner.loss(test);
    for (int64_t step = 0; step < steps; ++step) {
      const Batch batch = setup.batch(random);
      const std::vector<Batch> instances = setup.instances(batch);
      if (arm.starts_with("source's")) {
        for (const Batch& one : instances) {
          learner.gradients().zero();
          if (arm.ends_with("printed")) continue;  // the listing ends here
          accumulate(learner, {one}, Scaling::tokens_of_batch);
          learner.apply_gradients();
        }
      } else {
        learner.gradients().zero();
        accumulate(learner, arm == "whole batch" ? std::vector{batch} : instances,
                   arm == "mean of means" ? Scaling::mean_of_means : Scaling::tokens_of_batch);
        learner.apply_gradients();
      }
      if (step % 10 == 0)
        trial.point(chart, {"examples", "nats per token"}, arm, static_cast<double>(step * kBatch), learner.loss(test));
      trial.progress(0.3 + 0.14 * (done + static_cast<double>(step) / static_cast<double>(steps)));
    }
    ++done;
    const double loss = learner.loss(test);
    if (arm == "whole batch") whole_loss = loss;
    if (arm.starts_with("accumulated")) trial.figure("loss_accumulated_from_whole", std::abs(loss - whole_loss));
    if (arm == "mean of means") trial.figure("loss_mean_of_means_from_whole", std::abs(loss - whole_loss));
    if (arm.ends_with("completed")) trial.figure("loss_below_uniform_completed_loop", uniform - loss);
    if (arm.ends_with("completed")) trial.figure("loss_completed_loop_minus_whole", loss - whole_loss);
    if (arm.ends_with("printed")) trial.figure("loss_fall_printed_loop", before - loss);
  }
}

void run(Trial& trial) {
  const Setup setup{trial};
  compare_gradients(setup);
  trial.progress(0.1);
  measure_memory(setup);
  train(setup);
}

}  // namespace

extern const Experiment q061;
const Experiment q061 = {
    .row = 61,
    .question = {"How are zero_grad() and its omission used to train a large model when memory "
                 "holds one instance?",
                 "内存一次只容得下一个样本时，如何利用或省略 zero_grad() 来训练大模型？"},
    .prediction = {"Gradients added up over single instances equal the batch's to rounding. Zeroing before "
                   "each instance keeps "
                   "them apart: small batches, no accumulation, and no memory saved by the zeroing.",
                   "逐样本累加的梯度与整批梯度只差舍入误差；每个样本前清零则各自独立，等于小批训练，没有累积"
                   "，清零本身也不省内存。"},
    .scope = {"A decoder of two layers in f64, Markov sequences of 2 to 47 tokens, batches of 16.",
              "f64 的两层解码器，2 至 47 个词元的马尔可夫序列，每批 16 条。"},
    .literature = {{"Gradients accumulated over 16 micro-batches train a translation model as 16 "
                    "workers would.",
                    "Ott et al. 2018, Scaling Neural Machine Translation"},
                   {"zero_grad(set_to_none=True) frees one buffer of the weights' size until the "
                    "next backward pass, however many batches there were.",
                    "PyTorch documentation, torch.optim.Optimizer.zero_grad"}},
    .settings = {{"width", 16, 32, 48, "of the model"},
                 {"rounds", 1, 8, 16, "batches of 16 accumulated without zeroing"},
                 {"steps", 2, 50, 60, "optimizer steps of the whole batch"}},
    .quick_seconds = 15,
    .full_seconds = 60,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
