// Row 73: does understanding text with a Transformer need masks over padding?
//
// Padding fills sequences of different lengths up to a rectangle. A mask takes it out of the softmax (Vaswani et al.
// 2017, section 3.2.3: minus infinity in its input); packing leaves it out of the computation (Krell et al. 2021).

#include <cmath>
#include <limits>

#include "heddle/base/clock.h"
#include "heddle/lab/learner.h"
#include "heddle/lab/numbers.h"
#include "heddle/lab/rule.h"
#include "heddle/lab/trial.h"
#include "heddle/nn/hooks.h"

namespace heddle::lab {
namespace {

// Padding, a start token that the answer is read from, letters of four kinds, and the four answers.
constexpr int32_t kPad = 0, kStart = 1, kKinds = 4, kLetters = 16, kAnswer = 2 + kLetters, kVocab = kAnswer + kKinds;

model::ModelConfig classifier(int64_t width) {
  model::ModelConfig config = small_model("decoder_only", kVocab, width, 2, 4);
  config.decoder.attention_mask = "full";  // the layers of an encoder
  return config;
}

// Letters of `least` to `most` places. Asked at the start token: the kind that most of them are of.
data::TranslationBatch texts(RandomStream& random, int64_t count, uint64_t least, uint64_t most) {
  data::TranslationBatch batch;
  for (int64_t s = 0; s < count; ++s) {
    std::vector<int32_t> in = {kStart}, seen(kKinds);
    const auto favourite = random.below(kKinds);
    for (uint64_t left = least + random.below(most - least + 1); left > 0; --left) {
      const uint64_t kind = random.below(4) == 0 ? favourite : random.below(kKinds);
      ++seen[kind];
      in.push_back(static_cast<int32_t>(2 + 4 * kind + random.below(kLetters / kKinds)));
    }
    std::vector<int32_t> out(in.size(), -1);
    out[0] = kAnswer + static_cast<int32_t>(std::ranges::max_element(seen) - seen.begin());
    batch.target_in.add(s, in);
    batch.target_out.add(s, out);
  }
  return batch;
}

data::TranslationBatch rectangle(const data::TranslationBatch& batch, int64_t width, bool masked) {
  data::TranslationBatch filled;
  filled.target_in = data::padded(batch.target_in, width, kPad);
  filled.target_out = data::padded(batch.target_out, width, -1);
  if (!masked) filled.target_in.length.clear();
  return filled;
}

// A number added to the scores of all padding, as masks are usually written. `most` becomes the largest weight that a
// real query still gives to padding.
nn::Hooks added_mask(const std::vector<int32_t>& length, double added, double& most) {
  nn::Hooks hooks;
  most = 0;
  for (int layer = 0; layer < 2; ++layer) {
    const std::string name = fmt::format("decoder.layers.{}.self_attention", layer);
    hooks.scores(name, [&length, added](const nn::AttentionMap& map) {
      if (added == 0) return;
      for (int64_t i = 0; i < map.rows; ++i)
        for (int64_t j = length[static_cast<size_t>(map.sequence)]; j < map.columns; ++j) map.at(i, j) += added;
    });
    hooks.weights(name, [&length, &most](const nn::AttentionMap& map) {
      const int64_t real = length[static_cast<size_t>(map.sequence)];
      for (int64_t i = 0; i < real; ++i) {
        double sum = 0;
        for (int64_t j = real; j < map.columns; ++j) sum += map.at(i, j);
        most = std::max(most, sum);
      }
    });
  }
  return hooks;
}

std::vector<double> answers(const Learner& learner, const data::TranslationBatch& batch, nn::Probe* probe = nullptr) {
  const Tensor rows = learner.log_probabilities(batch, probe);
  std::vector<double> first;
  for (int64_t s = 0; s < batch.target_in.sequences(); ++s) {
    const int64_t at = batch.target_in.offsets[static_cast<size_t>(s)];
    const std::vector<double> row = numbers_of(rows.row_range(at, at + 1));
    first.insert(first.end(), row.begin(), row.end());
  }
  return first;
}

void measure_results(Trial& trial) {
  const auto most = static_cast<uint64_t>(24), least = trial.null() ? most : 6;  // the null experiment: nothing to pad
  Learner packed(classifier(48), small_training(trial.setting("learning_rate")), trial.seed());
  Learner unmasked(classifier(48), small_training(trial.setting("learning_rate")),
                   trial.seed());  // learns on padding without mask
  RandomStream random = trial.random("texts");
  const int64_t steps = trial.count("steps"), width = static_cast<int64_t>(most) + 1;
  for (int64_t step = 0; step < steps; ++step) {
    const data::TranslationBatch batch = texts(random, 32, least, most);
    packed.step(batch);
    unmasked.step(rectangle(batch, width, false));
    trial.progress(0.7 * static_cast<double>(step) / static_cast<double>(steps));
  }
  const data::TranslationBatch unseen = texts(random, trial.count("unseen"), least, most);
  const int64_t wide = trial.null() ? width : 3 * width;
  const Bilingual table = {"Share of right answers", "答对的比例"};
  const auto accuracy = [&](const std::string& name, const Learner& learner, const data::TranslationBatch& batch) {
    const double right = learner.accuracy(batch);
    trial.figure("accuracy_" + name, right);
    trial.cell(table, name, "right", right);
    return right;
  };
  const double plain = accuracy("packed", packed, unseen);
  accuracy("padded_masked", packed, rectangle(unseen, wide, true));
  trial.figure("accuracy_lost_without_mask",
               plain - accuracy("padded_unmasked", packed, rectangle(unseen, wide, false)));
  accuracy("trained_unmasked_same_padding", unmasked, rectangle(unseen, width, false));
  accuracy("trained_unmasked_more_padding", unmasked, rectangle(unseen, wide, false));

  const std::vector<double> whole = answers(packed, unseen);
  double masked = 0, bare = 0;
  for (int64_t to = width; to <= wide; to += width) {
    masked = std::max(masked, largest_difference(answers(packed, rectangle(unseen, to, true)), whole));
    const double moved = largest_difference(answers(packed, rectangle(unseen, to, false)), whole);
    bare = std::max(bare, moved);
    trial.point({"Largest change of log p by padding without a mask", "无掩码时填充使 log p 改变的最大值"},
                {"padded to", "change", false, false}, "without mask", static_cast<double>(to), moved);
  }
  trial.figure("padding_masked_difference", masked);
  trial.figure("padding_unmasked_difference", bare);
  std::vector<double> one_by_one;
  for (int64_t s = 0; s < unseen.target_in.sequences(); ++s) {
    data::TranslationBatch one;
    one.target_in.add(0, unseen.target_in.sequence(s));
    const std::vector<double> row = answers(packed, one);
    one_by_one.insert(one_by_one.end(), row.begin(), row.end());
  }
  trial.figure("packed_difference", largest_difference(one_by_one, whole));

  const data::TranslationBatch filled = rectangle(unseen, wide, true);
  data::TranslationBatch seen = filled;
  seen.target_in.length.clear();  // the added number alone masks
  for (const double added : {0.0, -1.0, -10.0, -100.0, -1e4, -1e9}) {
    double weight = 0;
    nn::Hooks mask = added_mask(filled.target_in.length, added, weight);
    const double moved = largest_difference(answers(packed, seen, &mask), whole);
    if (added == 0) trial.figure("padding_weight_unmasked", weight);
    if (added == -1e9) trial.figure("padding_weight_masked", weight);
    if (added == -1e9) trial.figure("added_mask_difference", moved);
    const Bilingual table_of_numbers = {"By the number added to the scores of padding", "按加到填充分数上的数"};
    trial.cell(table_of_numbers, number_text(added), "largest weight on padding", weight);
    trial.cell(table_of_numbers, number_text(added), "largest change of log p", moved);
  }
}

// Processor seconds of all threads: the quickest of several passes over the batch.
double cost(const Trial& trial, const Learner& learner, const data::TranslationBatch& batch,
            nn::Probe* probe = nullptr) {
  double least = std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i <= trial.count("repeats"); ++i) {
    const double start = process_cpu_seconds();
    learner.states(batch, probe);
    least = std::min(least, process_cpu_seconds() - start);
    trial.progress(0.8);
  }
  return least;
}

void measure_cost(Trial& trial) {
  const auto most = static_cast<uint64_t>(trial.count("longest")), least = trial.null() ? most : most / 16 + 1;
  const auto width = static_cast<int64_t>(most) + 1;
  const Learner learner(classifier(128), small_training(1e-3), trial.seed());
  RandomStream random = trial.random("cost");
  data::TranslationBatch packed;
  for (uint64_t i = 0; i < 32; ++i) {
    const uint64_t length = least + (most - least) * i / 31;
    packed.target_in.add(static_cast<int64_t>(i), texts(random, 1, length, length).target_in.ids);
    packed.target_out.add(static_cast<int64_t>(i), std::vector<int32_t>(length + 1, -1));
  }
  const data::TranslationBatch masked = rectangle(packed, width, true), unmasked = rectangle(packed, width, false);
  double weight = 0;
  nn::Hooks nothing = added_mask(masked.target_in.length, 0, weight),
            added = added_mask(masked.target_in.length, -1e9, weight);
  const double bare = cost(trial, learner, unmasked), skipped = cost(trial, learner, masked),
               left_out = cost(trial, learner, packed);
  const double bare_scores = cost(trial, learner, unmasked, &nothing),
               added_scores = cost(trial, learner, unmasked, &added);
  trial.figure("padding_share",
               1 - static_cast<double>(packed.target_in.tokens()) / static_cast<double>(unmasked.target_in.tokens()));
  trial.figure("saved_by_added_mask", 1 - added_scores / bare_scores);
  trial.figure("saved_by_skipping", 1 - skipped / bare);
  trial.figure("saved_by_packing", 1 - left_out / bare);
  const Bilingual table = {"Processor time of a forward pass (milliseconds)", "一次前向计算的处理器时间（毫秒）"};
  trial.cell(table, "rectangle, all scores stored, no mask", "ms", 1e3 * bare_scores);
  trial.cell(table, "the same, -1e9 added to padding", "ms", 1e3 * added_scores);
  trial.cell(table, "rectangle, fast kernel, no mask", "ms", 1e3 * bare);
  trial.cell(table, "the same, keys of padding skipped", "ms", 1e3 * skipped);
  trial.cell(table, "packed", "ms", 1e3 * left_out);
}

void run(Trial& trial) {
  measure_results(trial);
  measure_cost(trial);
}

}  // namespace

extern const Experiment q073;
const Experiment q073 = {
    .row = 73,
    .question = {"Does understanding text with a Transformer need masks over padding?",
                 "用 Transformer 做自然语言理解需要填充掩码吗？"},
    .prediction = {"A padded batch needs one: without it answers change. With it they are those of the sequences "
                   "alone. The mask as such "
                   "saves no computation; packing, which needs no mask, saves the share of padding and more.",
                   "填充成矩形的批需要掩码：没有它答案会变；有它则与单独计算相同。掩码本身不省计算；无需掩码的打包可省"
                   "下填充所占的份额甚至更多。"},
    .scope = {"Two layers of width 48 that name the commonest kind among 6 to 24 letters; cost: two layers of width "
              "128, 32 texts of up to 256 "
              "letters, forward pass.",
              "两层、宽 48，在 6 到 24 个字母中说出最多的种类；计算量：两层、宽 128，32 段至多 256 "
              "个字母的文本，前向计算。"},
    .literature =
        {{"Half of the tokens in BERT's usual pretraining batches are padding; packing gives twice the speed.",
          "Krell et al. 2021, Efficient Sequence Packing without Cross-contamination"}},
    .settings = {{"steps", 3, 300, 600, "optimizer steps of each model"},
                 {"unseen", 12, 150, 400, "texts that answers are compared on"},
                 {"longest", 24, 256, 256, "letters of the longest text whose cost is measured"},
                 {"repeats", 1, 3, 7, "passes whose quickest counts"},
                 {"learning_rate", 0.003, 0.003, 0.003, "of the training"}},
    .quick_seconds = 30,
    .full_seconds = 120,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
