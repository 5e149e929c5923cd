// Row 53: do the positions or does attention carry the order of the words?
//
// Without positions attention is equivariant: f(Px) = P·f(x) for every permutation P of the tokens (Lee et al. 2019,
// "Set Transformer", section 2). A causal mask breaks that: token i sees i tokens before it, and can count them
// (Haviv et al. 2022, "Transformer Language Models without Positional Encodings Still Learn Positional Information").

#include <numeric>

#include "heddle/lab/learner.h"
#include "heddle/lab/numbers.h"
#include "heddle/lab/trial.h"
#include "heddle/nn/hooks.h"
#include "heddle/nn/multi_head_attention.h"
#include "heddle/ops/attention.h"

namespace heddle::lab {
namespace {

constexpr int32_t kStart = 0, kLetters = 16, kLength = 12;
constexpr int32_t kVocab = 1 + kLetters + kLength;  // start, letters, places

model::ModelConfig stack(const std::string& position, const std::string& mask) {
  model::ModelConfig config = small_model("decoder_only", kVocab, 48, 2, 4);
  config.position = position;
  config.decoder.attention_mask = mask;  // full: these are the layers of an encoder
  return config;
}

struct Arm {
  std::string name, position, mask;
  bool letter_before = false;  // asked at each letter: the one before it; else its own place
};

// Start and random letters; what is asked at each letter.
data::TranslationBatch questions(RandomStream& random, int64_t sequences, bool letter_before, bool shuffled) {
  data::TranslationBatch batch;
  for (int64_t s = 0; s < sequences; ++s) {
    std::vector<int32_t> in = {kStart}, out = {-1};
    for (int32_t i = 0; i < kLength; ++i) {
      out.push_back(letter_before ? in.back() : 1 + kLetters + i);
      in.push_back(1 + static_cast<int32_t>(random.below(kLetters)));
    }
    if (shuffled) shuffle(std::span(out).subspan(1), random);
    batch.target_in.add(s, in);
    batch.target_out.add(s, out);
  }
  return batch;
}

struct Answers {
  double right = 0, without_attention = 0;  // shares
};

Answers train(const Trial& trial, const Arm& arm, double from, double share) {
  Learner learner(stack(arm.position, arm.mask), small_training(trial.setting("learning_rate")), trial.seed());
  RandomStream random = trial.random(arm.name);
  const int64_t steps = trial.count("steps");
  for (int64_t step = 0; step < steps; ++step) {
    learner.step(questions(random, 32, arm.letter_before, trial.null()));
    trial.progress(from + share * static_cast<double>(step) / static_cast<double>(steps));
  }
  const data::TranslationBatch unseen = questions(random, 128, arm.letter_before, trial.null());
  nn::Hooks without;
  for (int layer = 0; layer < 2; ++layer)
    without.at(fmt::format("decoder.layers.{}.self_attention.output", layer), nn::Hooks::zeros);
  return {learner.accuracy(unseen), learner.accuracy(unseen, &without)};
}

// Mean of ‖f(Px) - P·f(x)‖ / ‖f(x)‖ over random letters and permutations, of a model with random weights.
double equivariance_error(const Trial& trial, const std::string& position, const std::string& mask, DType dtype) {
  const Learner learner(stack(position, mask), small_training(1e-3), trial.seed(), dtype);
  RandomStream random = trial.random("permutations");
  const int64_t rounds = trial.count("permutations");
  double error = 0;
  for (int64_t round = 0; round < rounds; ++round) {
    std::vector<int32_t> letters(kLetters), order(kLetters), moved;
    for (int32_t& letter : letters) letter = 1 + static_cast<int32_t>(random.below(kLetters));
    std::iota(order.begin(), order.end(), 0);
    shuffle(std::span(order), random);
    for (const int32_t i : order) moved.push_back(letters[static_cast<size_t>(i)]);
    data::TranslationBatch plain, permuted;
    plain.target_in.add(0, letters);
    permuted.target_in.add(0, moved);
    const std::vector<double> f = numbers_of(learner.states(plain));
    const auto width = static_cast<int64_t>(f.size()) / kLetters;
    std::vector<double> expected;  // P·f(x)
    for (const int32_t i : order) expected.insert(expected.end(), f.begin() + i * width, f.begin() + (i + 1) * width);
    error += relative_distance(numbers_of(learner.states(permuted)), expected) / static_cast<double>(rounds);
  }
  return error;
}

void measure_equivariance(Trial& trial) {
  const Bilingual table = {"Change of the states beyond the permutation of the words", "状态在词序置换之外的变化"};
  const std::string position = trial.null() ? "sinusoidal" : "none";  // the null experiment: a model that knows places
  for (const DType dtype : {DType::f32, DType::f64}) {
    const std::string name(name_of(dtype));
    const double alone = equivariance_error(trial, position, "full", dtype);
    trial.figure("equivariance_error_" + name, alone);
    trial.cell(table, "attention alone", name, alone);
    const double placed = equivariance_error(trial, "sinusoidal", "full", dtype);
    const double causal = equivariance_error(trial, "none", "causal", dtype);
    trial.cell(table, "with positions", name, placed);
    trial.cell(table, "with a causal mask, no positions", name, causal);
    if (dtype == DType::f64) trial.figure("equivariance_error_with_positions", placed);
    if (dtype == DType::f64) trial.figure("equivariance_error_causal", causal);
  }
}

// What the embedding adds to a token at each place, against sin and cos of place / 10000^(2i/width).
double position_error(const Trial& trial) {
  const auto embedded = [&](const std::string& position) {
    const Learner learner(stack(position, "full"), small_training(1e-3), trial.seed(), DType::f64);
    const std::vector<int32_t> same(64, 1);
    data::PackedSequences sequence;
    sequence.add(0, same);
    return numbers_of(learner.model().target_embedding().forward(learner.pass(false), sequence.ids, sequence.rows()));
  };
  const std::vector<double> with = embedded(trial.null() ? "learned" : "sinusoidal"), without = embedded("none");
  const size_t width = with.size() / 64;
  double error = 0;
  for (size_t i = 0; i < with.size(); ++i) {
    const size_t place = i / width, column = i % width, frequency = column / 2;
    const double angle =
        static_cast<double>(place) / std::pow(1e4, 2 * static_cast<double>(frequency) / static_cast<double>(width));
    error = std::max(error, std::abs(with[i] - without[i] - (column % 2 ? std::cos(angle) : std::sin(angle))));
  }
  return error;
}

// Four heads at once against each head over its own columns, end to end.
double heads_error(const Trial& trial) {
  RandomStream random = trial.random("heads");
  data::PackedSequences sequence;
  sequence.add(0, std::vector<int32_t>(kLetters, 1));
  Tensor qkv[3];
  for (Tensor& t : qkv) {
    t = Tensor::zeros({kLetters, 32}, DType::f64);
    for (double& x : t.span<double>()) x = random.normal();
  }
  const auto attend = [&](int64_t begin, int64_t end, int heads) {
    const auto part = [&](int i) { return qkv[i].column_range(begin, end); };
    return ops::attention(part(0), part(1), part(2), sequence.rows(), sequence.rows(), {.heads = heads, .scale = 0.5});
  };
  const Tensor joined = Tensor::zeros({kLetters, 32}, DType::f64);
  const int64_t width = trial.null() ? 16 : 8;  // the null experiment: two wider heads, which are not the same
  for (int64_t begin = 0; begin < 32; begin += width)
    copy_into(attend(begin, begin + width, 1), joined.column_range(begin, begin + width));
  return relative_distance(numbers_of(attend(0, 32, 4)), numbers_of(joined));
}

// How far the queries of the first of four heads move when all columns of its input but the first quarter are zeroed.
// The null experiment zeroes nothing.
double other_columns_share(const Trial& trial) {
  nn::Parameters parameters;
  const nn::SelfAttention attention(parameters, "attention", 0, {.width = 32, .heads = 4});
  nn::WeightSet weights = parameters.make_set(DType::f64);
  parameters.initialize(weights, trial.seed());
  const nn::Pass pass = {.parameters = parameters, .weights = weights, .random = {}, .training = false};
  data::PackedSequences sequence;
  sequence.add(0, std::vector<int32_t>(kLetters, 1));
  RandomStream random = trial.random("columns");
  const Tensor x = Tensor::zeros({kLetters, 32}, DType::f64);
  for (double& value : x.span<double>()) value = random.normal();
  const auto first_queries = [&] {
    return numbers_of(attention.project(pass, x, sequence.rows()).query.column_range(0, 8));
  };
  const std::vector<double> whole = first_queries();
  for (int64_t i = 0; i < x.count() && !trial.null(); ++i)
    if (i % 32 >= 8) x.data<double>()[i] = 0;
  return relative_distance(first_queries(), whole);
}

void run(Trial& trial) {
  measure_equivariance(trial);
  trial.figure("position_formula_error", position_error(trial));
  trial.figure("separate_heads_error", heads_error(trial));
  trial.figure("queries_of_a_head_from_other_columns", other_columns_share(trial));
  const Arm arms[] = {{"encoder_without_positions", "none", "full"},
                      {"encoder_with_positions", "sinusoidal", "full"},
                      {"causal_without_positions", "none", "causal"},
                      {"neighbour", "sinusoidal", "full", true}};
  double done = 0;
  for (const Arm& arm : arms) {
    const Answers answers = train(trial, arm, done, 0.25);
    done += 0.25;
    trial.figure("accuracy_" + arm.name, answers.right);
    trial.figure("accuracy_" + arm.name + "_attention_left_out", answers.without_attention);
    const Bilingual table = {"Share of right answers", "答对的比例"};
    trial.cell(table, arm.name, "whole model", answers.right);
    trial.cell(table, arm.name, "attention left out", answers.without_attention);
  }
}

}  // namespace

extern const Experiment q053;
const Experiment q053 = {
    .row = 53,
    .question = {"Is the order of the words carried by the positions or by attention?",
                 "词序由位置编码表达，还是由注意力表达？"},
    .prediction =
        {"Without positions and without a mask, permuted words give permuted states, to rounding, and no place can be "
         "named. With positions it can; with a causal mask it can even without them.",
         "没有位置编码也没有掩码时，置换词语只会置换状态（仅差舍入），位置无法说出；有位置编码可以；有因果掩码时即使没"
         "有位置编码也可以。"},
    .scope = {"Two layers of width 48 with 4 heads; a start token and 12 random letters of 16, each letter to name its "
              "own place "
              "or the letter before it.",
              "两层，宽 48，4 个头；起始符加 12 个随机字母（共 16 种），每个字母说出自己的位置或前一个字母。"},
    .literature =
        {{"Language models of 125 million to 1.3 billion parameters lose little without positions, and probes find the "
          "places in their states.",
          "Haviv et al. 2022, Transformer Language Models without Positional Encodings Still Learn Positional "
          "Information"},
         {"Causal models without positions generalize to longer inputs at least as well as with the usual ones.",
          "Kazemnejad et al. 2023, The Impact of Positional Encoding on Length Generalization in Transformers"}},
    .settings = {{"steps", 4, 500, 800, "optimizer steps of each model"},
                 {"permutations", 2, 20, 100, "random permutations for each comparison"},
                 {"learning_rate", 0.003, 0.003, 0.003, "of the training"}},
    .quick_seconds = 20,
    .full_seconds = 90,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
