// Row 4: what do the embedding, attention and feed-forward layers cost? (Vaswani et al. 2017, table 1)
//
// Each block runs by itself on one sequence while one of its sizes grows. Operations are counted as they are done,
// bytes as the arena holds them, time on the processor by one thread, the least of several runs. Exponents are the
// slopes of straight lines in log space; predictions are those of model::forward_cost().

#include <algorithm>
#include <cmath>
#include <cstring>

#include "heddle/base/clock.h"
#include "heddle/kernels/matmul.h"
#include "heddle/kernels/operation_count.h"
#include "heddle/lab/fit.h"
#include "heddle/lab/one_thread.h"
#include "heddle/lab/trial.h"
#include "heddle/model/cost.h"
#include "heddle/ops/tape.h"

namespace heddle::lab {
namespace {

constexpr int64_t kVocab = 1000;
using Numbers = std::vector<double>;

struct Sizes {
  int64_t tokens = 64, width = 128, heads = 4, head_width = 32, inner = 512;
};

enum class Block : uint8_t { embedding, attention, feed_forward };

struct Cost {
  double parameters = 0, operations = 0, bytes = 0, seconds = 0;
  double pairs = 0;  // of the operations, those of scores and weighted sums
};

model::BlockCost predicted(Block block, const Sizes& sizes) {
  model::ModelConfig config;
  config.width = sizes.width;
  config.encoder_layers = 1;
  config.layer.heads = sizes.heads;
  config.layer.head_width = sizes.head_width;
  config.layer.ffn = sizes.inner;
  config.vocab_size = kVocab;
  const std::vector<int64_t> source = {sizes.tokens}, target = {1};
  model::BlockCost cost = model::forward_cost(config, source, target)[static_cast<size_t>(block)];
  if (block != Block::embedding) cost.parameters -= 2 * sizes.width;  // the norm of the residual step is not in it
  return cost;
}

// Runs forward(pass) once for the counts and then again and again for the time.
template <class Forward>
Cost measure(const nn::Parameters& parameters, uint64_t seed, int64_t repeats, Forward&& forward) {
  nn::WeightSet weights(parameters, DType::f32);
  parameters.initialize(weights, seed);
  const nn::Pass pass = {.parameters = parameters, .weights = weights, .random = {}, .training = true};
  Arena arena;
  Cost cost{.parameters = static_cast<double>(parameters.parameter_count())};
  {
    const ops::Tape tape(arena);
    const kernels::OperationCount count;
    const Tensor kept = forward(pass);
    cost.operations = static_cast<double>(count.total());
    cost.pairs = static_cast<double>(count.of(kernels::Operation::attention));
    cost.bytes = static_cast<double>(arena.bytes_in_use());
  }
  int64_t runs = 1;  // so many that the clock's own cost does not matter
  for (int64_t i = 0; i <= repeats; ++i) {
    const double began = thread_cpu_seconds();
    for (int64_t run = 0; run < runs; ++run) {
      arena.reset();
      const ops::Tape tape(arena);
      forward(pass);
    }
    const double once = (thread_cpu_seconds() - began) / static_cast<double>(runs);
    if (i == 0) runs = std::clamp<int64_t>(static_cast<int64_t>(2e-4 / std::max(once, 1e-7)), 1, 1000);
    else cost.seconds = i == 1 ? once : std::min(cost.seconds, once);
  }
  return cost;
}

Cost measure(Block block, const Sizes& sizes, uint64_t seed, int64_t repeats) {
  RandomStream random(RandomKey{seed});
  std::vector<int32_t> ids, position, offsets = {0, static_cast<int32_t>(sizes.tokens)};
  const std::vector<int64_t> example(static_cast<size_t>(sizes.tokens), 0);
  const Tensor x = Tensor::zeros({sizes.tokens, sizes.width}, DType::f32);
  for (float& value : x.span<float>()) value = static_cast<float>(random.normal());
  for (int64_t i = 0; i < sizes.tokens; ++i) {
    ids.push_back(static_cast<int32_t>(random.below(kVocab)));
    position.push_back(static_cast<int32_t>(i));
  }
  const Rows rows = {offsets, example, position};
  nn::Parameters parameters;
  if (block == Block::embedding) {
    nn::EmbeddingConfig config;  // built up: of a list of members g++ 12 warns falsely
    config.width = sizes.width;
    config.vocab_size = kVocab;
    config.max_length = sizes.tokens;
    config.scale = 2.0;
    const nn::TokenEmbedding embedding(parameters, "embedding", config);
    return measure(parameters, seed, repeats, [&](const nn::Pass& pass) { return embedding.forward(pass, ids, rows); });
  }
  if (block == Block::attention) {
    const nn::SelfAttention attention(
        parameters, "attention", 0,
        {.width = sizes.width, .heads = static_cast<int>(sizes.heads), .head_width = sizes.head_width});
    return measure(parameters, seed, repeats,
                   [&](const nn::Pass& pass) { return attention.forward(pass, x, rows, kernels::Mask::full()); });
  }
  const nn::FeedForward feed_forward(parameters, "feed_forward", 0, {.width = sizes.width, .inner = sizes.inner});
  return measure(parameters, seed, repeats, [&](const nn::Pass& pass) { return feed_forward.forward(pass, x, rows); });
}

// A block while one size takes `steps` values from `first` on, each twice the one before.
struct Sweep {
  std::string name;
  Block block;
  Sizes at;
  int64_t Sizes::*size;
  int64_t first;
  bool divides = false;  // head width = width / heads, as usual; else it stays
};

const std::vector<Sweep> kSweeps = {
    {"embedding_n", Block::embedding, {}, &Sizes::tokens, 64},
    {"embedding_d", Block::embedding, {}, &Sizes::width, 64},
    {"attention_n_long", Block::attention, {0, 32, 2, 16, 0}, &Sizes::tokens, 256},
    {"attention_n_short", Block::attention, {0, 512, 8, 64, 0}, &Sizes::tokens, 4},
    {"attention_d_by_heads", Block::attention, {16, 0, 4, 0, 0}, &Sizes::width, 128, true},
    {"attention_d_alone", Block::attention, {16, 0, 4, 32, 0}, &Sizes::width, 128},
    {"attention_h_by_division", Block::attention, {64, 512, 0, 0, 0}, &Sizes::heads, 2, true},
    {"attention_h_alone", Block::attention, {64, 512, 0, 32, 0}, &Sizes::heads, 2},
    {"attention_dk", Block::attention, {64, 256, 4, 0, 0}, &Sizes::head_width, 16},
    {"feed_forward_n", Block::feed_forward, {}, &Sizes::tokens, 64},
    {"feed_forward_d", Block::feed_forward, {}, &Sizes::width, 64},
    {"feed_forward_dff", Block::feed_forward, {}, &Sizes::inner, 128},
};

struct Measured {
  Numbers size, operations, pairs, products, bytes, seconds;
  double error_operations = 0, error_bytes = 0, error_parameters = 0;  // of the prediction, at worst
};

Measured measure(const Trial& trial, const Sweep& sweep) {
  Measured all;
  std::vector<int64_t> values;
  for (int64_t i = 0; i < trial.count("steps"); ++i) values.push_back(sweep.first << i);
  std::vector<int64_t> done = values;
  RandomStream random = trial.random(sweep.name);
  if (trial.null())  // measured at another size than it says
    for (size_t i = done.size(); i > 1; --i) std::swap(done[i - 1], done[random.below(i)]);
  for (size_t i = 0; i < values.size(); ++i) {
    Sizes sizes = sweep.at;
    sizes.*sweep.size = done[i];
    if (sweep.divides) sizes.head_width = sizes.width / sizes.heads;
    const Cost cost = measure(sweep.block, sizes, trial.seed(), trial.count("repeats"));
    const model::BlockCost expected = predicted(sweep.block, sizes);
    const auto worst = [](double& error, double measured, int64_t prediction) {
      error = std::max(error, std::abs(measured / static_cast<double>(prediction) - 1));
    };
    worst(all.error_operations, cost.operations, expected.operations);
    // A short sequence keeps less than the tape's own records.
    if (i + 1 == values.size()) worst(all.error_bytes, cost.bytes, expected.activation_bytes);
    worst(all.error_parameters, cost.parameters, expected.parameters);
    all.size.push_back(static_cast<double>(values[i]));
    all.operations.push_back(cost.operations);
    all.pairs.push_back(cost.pairs);
    all.products.push_back(cost.operations - cost.pairs);
    all.bytes.push_back(cost.bytes);
    all.seconds.push_back(cost.seconds);
  }
  return all;
}

// Least seconds that one thread takes for 1: an operation of a large product, 2: a byte of a large copy.
std::pair<double, double> machine(int64_t repeats) {
  constexpr int64_t kSide = 256, kBytes = 1 << 25;
  const std::vector<float> a(kSide * kSide, 1.0f);
  std::vector<float> c(a.size());
  const std::vector<char> from(kBytes, 1);
  std::vector<char> to(kBytes);
  std::pair<double, double> least = {1, 1};
  for (int64_t i = 0; i <= repeats; ++i) {
    const double began = thread_cpu_seconds();
    kernels::matmul({.m = kSide, .n = kSide, .k = kSide, .lda = kSide, .ldb = kSide, .ldc = kSide}, a.data(), a.data(),
                    c.data());
    const double between = thread_cpu_seconds();
    std::memcpy(to.data(), from.data(), kBytes);
    least.first = std::min(least.first, (between - began) / (2 * kSide * kSide * kSide));
    least.second = std::min(least.second, (thread_cpu_seconds() - between) / (2 * kBytes));  // read and written
  }
  return least;
}

// Every block at one size: predicted and measured. Time is predicted by the roofline (Williams et al. 2009): products
// at the rate of a large product, bytes at that of a copy, whichever takes longer.
void compare(Trial& trial) {
  const auto [operation, byte] = machine(trial.count("repeats"));
  const Bilingual title{"One block: 512 tokens, width 256, 4 heads, d_ff 1024",
                        "单层：512 词元，宽 256，4 头，d_ff 1024"};
  for (const Block block : {Block::embedding, Block::attention, Block::feed_forward}) {
    const std::string name = block == Block::embedding   ? "embedding"
                             : block == Block::attention ? "attention"
                                                         : "feed_forward";
    const Sizes sizes{512, 256, 4, 64, 1024};
    const Cost cost = measure(block, sizes, trial.seed(), trial.count("repeats"));
    const model::BlockCost expected = predicted(block, sizes);
    const double seconds =
        std::max(static_cast<double>(expected.operations) * operation, static_cast<double>(expected.bytes) * byte);
    const auto cells = [&](const std::string& what, double prediction, double measured) {
      trial.cell(title, name, what + ", predicted", prediction);
      trial.cell(title, name, what + ", measured", measured);
    };
    cells("parameters", static_cast<double>(expected.parameters), cost.parameters);
    cells("operations", static_cast<double>(expected.operations), cost.operations);
    cells("bytes kept", static_cast<double>(expected.activation_bytes), cost.bytes);
    cells("microseconds", 1e6 * seconds, 1e6 * cost.seconds);
    trial.figure(name + "_time_over_roofline", cost.seconds / seconds);
  }
}

// Operations and time of attention over long sequences, and of the feed-forward network beside it.
void draw(Trial& trial, const Sweep& sweep, const Measured& measured) {
  for (size_t i = 0; i < measured.size.size(); ++i) {
    const double n = measured.size[i];
    const Bilingual counted{"Operations by the length of the sequence", "运算次数与序列长度"},
        timed{"Processor time by the length of the sequence", "处理器时间与序列长度"};
    const Trial::Axes operations{"tokens", "operations", true, true}, seconds{"tokens", "seconds", true, true};
    if (sweep.name == "attention_n_long") {
      trial.point(counted, operations, "attention: scores and sums, width 32", n, measured.pairs[i]);
      trial.point(counted, operations, "attention: projections, width 32", n, measured.products[i]);
      trial.point(timed, seconds, "attention, width 32", n, measured.seconds[i]);
    } else if (sweep.name == "feed_forward_n") {
      trial.point(counted, operations, "feed-forward, width 128", n, measured.operations[i]);
      trial.point(timed, seconds, "feed-forward, width 128", n, measured.seconds[i]);
    } else if (sweep.name == "embedding_n") {
      trial.point(timed, seconds, "embedding, width 128", n, measured.seconds[i]);
    }
  }
}

void run(Trial& trial) {
  const OneThread one;
  compare(trial);
  double error_operations = 0, error_bytes = 0, error_parameters = 0;
  const Bilingual exponents{"Exponents of a block's cost in each of its sizes", "各层开销对各尺寸的幂指数"};
  for (size_t i = 0; i < kSweeps.size(); ++i) {
    const Sweep& sweep = kSweeps[i];
    trial.progress(static_cast<double>(i) / static_cast<double>(kSweeps.size()));
    const Measured measured = measure(trial, sweep);
    error_operations = std::max(error_operations, measured.error_operations);
    error_bytes = std::max(error_bytes, measured.error_bytes);
    error_parameters = std::max(error_parameters, measured.error_parameters);
    const auto figure = [&](const std::string& name, const std::string& column, const Numbers& values) {
      const double exponent = power_law(measured.size, values).exponent;
      trial.figure(sweep.name + "_" + name, exponent);
      trial.cell(exponents, sweep.name, column, exponent);
    };
    figure("operations", "operations", measured.operations);
    figure("time", "time", measured.seconds);
    figure("bytes", "bytes kept", measured.bytes);
    draw(trial, sweep, measured);
    if (sweep.name == "attention_n_long") {
      trial.figure("scores_n_operations", power_law(measured.size, measured.pairs).exponent);
      // Scores and sums cost as much as the projections at this many tokens; in widths.
      trial.figure("crossover_in_widths", measured.size[0] * measured.products[0] / measured.pairs[0] / 32);
    }
    if (sweep.name == "attention_dk")
      trial.figure("scores_dk_operations", power_law(measured.size, measured.pairs).exponent);
  }
  trial.figure("prediction_error_operations", error_operations);
  trial.figure("prediction_error_bytes", error_bytes);
  trial.figure("prediction_error_parameters", error_parameters);
}

}  // namespace

extern const Experiment q004;
const Experiment q004 = {
    .row = 4,
    .question = {"What do the embedding, the attention and the feed-forward layers of a Transformer cost?",
                 "Transformer 的嵌入层、注意力层和前馈层的复杂度各是多少？"},
    .prediction = {"Embedding n·d, feed-forward n·d·d_ff. Attention 8·n·d·(h·d_k) for its projections and 4·n²·(h·d_k) "
                   "for scores and sums: quadratic in n from n = 2d on, quadratic in d and constant in h as d_k = d/h. "
                   "What it keeps in memory stays linear in n, for the scores are never stored.",
                   "嵌入 n·d，前馈 n·d·d_ff。注意力的投影为 8·n·d·(h·d_k)，打分与加权和为 4·n²·(h·d_k)：n 超过 2d "
                   "后对 n 为二次；当 d_k = d/h 时对 d 为二次、与 h 无关。由于不存分数矩阵，保留的内存对 n 为线性。"},
    .scope = {"Each block by itself in f32 on one thread: 4 to 4096 tokens, width 32 to 2048, 2 to 64 heads; forward "
              "pass, no mask. Operations are those of products and of the embedding's scale-and-add.",
              "单线程 f32，各层单独前向：4 至 4096 个词元，宽 32 至 2048，2 至 64 "
              "个头，无掩码；只计矩阵乘、注意力乘积与嵌入的缩放相加。"},
    .literature = {{"Self-attention costs n²·d a layer, a recurrent layer n·d²: attention is the cheaper one while n < "
                    "d.",
                    "Vaswani et al. 2017, Attention Is All You Need, table 1"},
                   {"In large models attention's quadratic part is small while the context is short against 12 widths.",
                    "Kaplan et al. 2020, Scaling Laws for Neural Language Models, section 2.1"},
                   {"Tiles and a running softmax make attention's memory linear in n; its operations stay quadratic.",
                    "Dao et al. 2022, FlashAttention"}},
    .settings = {{"steps", 3, 4, 5, "sizes in each sweep, each twice the one before"},
                 {"repeats", 1, 5, 10, "timings of each block, of which the least counts"}},
    .quick_seconds = 5,
    .full_seconds = 20,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
