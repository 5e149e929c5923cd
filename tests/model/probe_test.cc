// Named points: every query, key, value, score, weight, output and neuron can be read and replaced.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "heddle/ops/attention_probe.h"
#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

std::set<std::string> expected_points() {
  std::set<std::string> names;
  const auto attention = [&](const std::string& name) {
    for (const char* part : {"query", "key", "value", "output"}) names.insert(name + "." + part);
  };
  for (const std::string layer : {"0", "1"}) {
    attention("encoder.layers." + layer + ".self_attention");
    attention("decoder.layers." + layer + ".self_attention");
    attention("decoder.layers." + layer + ".cross_attention");
    names.insert("encoder.layers." + layer + ".feed_forward.neurons");
    names.insert("decoder.layers." + layer + ".feed_forward.neurons");
    names.insert("encoder.layers." + layer + ".state");
    names.insert("decoder.layers." + layer + ".state");
  }
  for (const char* stack : {"encoder", "decoder"})
    for (const char* part : {".embedded", ".states"}) names.insert(std::string(stack) + part);
  return names;
}

// Reads all points, and replaces what the test says.
class Recorder : public nn::Probe {
 public:
  Tensor at(std::string_view name, const Tensor& value, const Rows&) override {
    ++seen[std::string(name)];
    if (name != zeroed) return value;
    const Tensor zeros = Tensor::zeros(value.shape(), value.dtype());
    return zeros;
  }
  ops::AttentionProbe* attention(std::string_view name) override {
    current_ = std::string(name);
    return &attention_;
  }

  std::map<std::string, int> seen;
  std::map<std::string, int64_t> scores, weights;  // matrices shown, by attention
  double worst_row_sum = 0;
  std::string zeroed;
  bool uniform = false;  // replaces all scores by equal ones
  bool silent = false;   // replaces all weights by zeros

 private:
  void on_scores(int64_t rows, int64_t columns, auto* values) {
    ++scores[current_];
    for (int64_t i = 0; uniform && i < rows * columns; ++i)
      if (std::isfinite(values[i])) values[i] = 0;
  }
  void on_weights(int64_t rows, int64_t columns, auto* values) {
    ++weights[current_];
    for (int64_t r = 0; r < rows; ++r) {
      double sum = 0;
      for (int64_t c = 0; c < columns; ++c) sum += static_cast<double>(values[r * columns + c]);
      worst_row_sum = std::max(worst_row_sum, std::abs(sum - 1));
    }
    if (silent) std::fill_n(values, rows * columns, 0);
  }
  struct OnScores {
    Recorder* self;
    void operator()(int64_t, int, int64_t rows, int64_t columns, auto* v) const { self->on_scores(rows, columns, v); }
  };
  struct OnWeights {
    Recorder* self;
    void operator()(int64_t, int, int64_t rows, int64_t columns, auto* v) const { self->on_weights(rows, columns, v); }
  };
  std::string current_;
  ops::AttentionProbeOf<OnScores, OnWeights> attention_{OnScores{this}, OnWeights{this}};
};

double probed_loss(const TinyModel& m, const TinyBatch& batch, nn::Probe* probe) {
  nn::Pass pass = m.pass(false);
  pass.probe = probe;
  return batch_loss(m.model, pass, batch).loss_sum;
}

TEST(Probe, EveryPointIsSeenAndReadingChangesNothing) {
  RandomStream random({31, 0, 0, 0});
  for (const DType dtype : {DType::f64, DType::f32}) {
    const TinyModel m(tiny_config(), dtype);
    const TinyBatch batch = random_batch(random, 3, kVocab);
    Recorder recorder;
    const double plain = probed_loss(m, batch, nullptr), read = probed_loss(m, batch, &recorder);
    EXPECT_NEAR(read, plain, (dtype == DType::f64 ? 1e-10 : 1e-5) * plain);
    std::set<std::string> names;
    for (const auto& [name, times] : recorder.seen) {
      names.insert(name);
      EXPECT_EQ(times, 1) << name;
    }
    EXPECT_EQ(names, expected_points());
    EXPECT_EQ(recorder.scores.size(), 6u);
    for (const auto& [name, matrices] : recorder.scores)
      EXPECT_EQ(matrices, 3 * 3) << name << ": sequences times heads";
    EXPECT_EQ(recorder.weights, recorder.scores);
    EXPECT_LE(recorder.worst_row_sum, 1e-5);
  }
}

TEST(Probe, AReplacedValueFlowsOn) {
  RandomStream random({32, 0, 0, 0});
  const TinyModel m(tiny_config());
  const TinyBatch batch = random_batch(random, 4, kVocab);
  const double plain = probed_loss(m, batch, nullptr);
  for (const std::string& name : expected_points()) {
    Recorder recorder;
    recorder.zeroed = name;
    EXPECT_GT(std::abs(probed_loss(m, batch, &recorder) - plain), 1e-6) << name;
  }
  Recorder recorder;
  recorder.uniform = true;
  EXPECT_GT(std::abs(probed_loss(m, batch, &recorder) - plain), 1e-6) << "scores";
  recorder.uniform = false;
  recorder.silent = true;
  EXPECT_GT(std::abs(probed_loss(m, batch, &recorder) - plain), 1e-6) << "weights";
}

// A value taken out of a point and put back as a constant carries no gradient to what made it.
TEST(Probe, GradientsFlowThroughWhatTheProbeReturns) {
  RandomStream random({33, 0, 0, 0});
  TinyModel m(tiny_config());
  const TinyBatch batch = random_batch(random, 4, kVocab);
  Recorder recorder;
  const auto gradients_with = [&](const std::string& zeroed) {
    recorder.zeroed = zeroed;
    m.gradients.zero();
    Arena arena;
    ops::Tape tape(arena);
    nn::Pass pass = m.pass(false);
    pass.probe = &recorder;
    const ops::Seed seed{batch_loss(m.model, pass, batch).loss, {}};
    tape.backward({&seed, 1}, m.gradients);
    double norm = 0;
    for (double g : m.gradients.of(m.parameters.find("encoder.layers.0.feed_forward.first.weight")).span<double>())
      norm += g * g;
    return norm;
  };
  EXPECT_GT(gradients_with(""), 0);
  EXPECT_EQ(gradients_with("encoder.layers.0.feed_forward.neurons"), 0);
}

}  // namespace
}  // namespace heddle::model
