// Every valid combination of architectural ideas, decoded with a cache: token by token it gives what the whole sequence
// gives, whoever its neighbours are.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "heddle/data/packed_batch.h"
#include "heddle/task/transformer_steps.h"
#include "tests/model/random_variant.h"
#include "tests/model/roundings.h"

namespace heddle::task {
namespace {

using model::ModelConfig, model::Stack, model::TinyModel;
using Ids = std::vector<int32_t>;

bool looks_ahead(const ModelConfig& config) {
  for (int64_t i = 0; i < config.decoder_layers; ++i)
    if (resolve_layer(config, Stack::decoder, i).self_attention.mask.looks_ahead(config.max_length)) return true;
  return false;
}

// Two hypotheses of one source, of a domain.
struct Sequences {
  data::PackedSequences source, target;
  Sequences(const Ids& from, const Ids& first, const Ids& second, int32_t domain) {
    source.add(0, from, domain);
    source.add(0, from, domain);
    target.add(0, first, domain);
    target.add(0, second, domain);
  }
};

// [tokens of the target, vocabulary].
Tensor log_probabilities(const TinyModel& tiny, const Sequences& of) {
  const nn::Pass pass = tiny.pass(false);
  const bool translates = tiny.model.has_encoder();
  const Tensor memory = translates ? tiny.model.encode(pass, {of.source.ids, of.source.rows()}) : Tensor();
  const Tensor states =
      tiny.model.decode(pass, {of.target.ids, of.target.rows()}, memory, translates ? of.source.rows() : Rows());
  return tiny.model.log_probabilities(pass, states, of.target.rows());
}

template <class T>
std::span<const T> row_of(const Tensor& matrix, int64_t row) {
  return std::span<const T>(matrix.span<T>())
      .subspan(static_cast<size_t>(row * matrix.width()), static_cast<size_t>(matrix.width()));
}

double largest(std::span<const double> values) {
  double most = 0;
  for (const double each : values) most = std::max(most, std::abs(each));
  return most;
}

// No number where one of them is none.
template <class T>
double most_apart(std::span<const T> some, std::span<const T> others) {
  double most = 0;
  for (size_t i = 0; i < some.size(); ++i) {
    const double apart = std::abs(double{some[i]} - double{others[i]});
    if (std::isnan(apart)) return apart;
    most = std::max(most, apart);
  }
  return most;
}

// What roundings alone do to the log-probabilities of each row in double, the most of several draws; no single
// precision may be held to less. Without a norm, numbers grow to thousands and cancel.
struct Roundings {
  std::vector<double> moved;
  bool chaotic = false;  // past comparing: model::kChaos
};

Roundings roundings_of(const TinyModel& single, const ModelConfig& config, const Sequences& of) {
  TinyModel tiny(config);
  tiny.weights.copy_from(single.weights);
  const Tensor exact = log_probabilities(tiny, of);
  Roundings found{std::vector<double>(static_cast<size_t>(exact.rows()))};
  for (uint64_t draw = 0; draw < 5; ++draw) {
    model::Roundings roundings(draw);
    tiny.probe = &roundings;
    Arena arena;
    ops::Tape tape(arena, {.watch = &roundings});
    const Tensor rounded = log_probabilities(tiny, of);
    for (int64_t row = 0; row < exact.rows(); ++row) {
      double& most = found.moved[static_cast<size_t>(row)];
      most = std::max(most, most_apart(row_of<double>(rounded, row), row_of<double>(exact, row)));
    }
  }
  for (int64_t row = 0; row < exact.rows(); ++row)
    found.chaotic |=
        found.moved[static_cast<size_t>(row)] > model::kChaos * std::max(1.0, largest(row_of<double>(exact, row)));
  return found;
}

// Whether a row decoded with a cache is that of the whole sequences, nearly always at first sight; else as far as
// roundings let it.
class RowsOfWhole {
 public:
  RowsOfWhole(const TinyModel& tiny, const ModelConfig& config, const Sequences& sequences)
      : tiny_(tiny), config_(config), sequences_(sequences), whole_(log_probabilities(tiny, sequences)) {}

  void expect(std::span<const float> cached, int64_t row) {
    constexpr double kMargin = 4;  // an operation rounds more than once
    const double difference = most_apart(cached, row_of<float>(whole_, row));
    if (difference <= 2e-4) return;
    if (!roundings_) roundings_ = roundings_of(tiny_, config_, sequences_);
    if (roundings_->chaotic) return;
    EXPECT_LE(difference, 2e-4 + kMargin * roundings_->moved[static_cast<size_t>(row)]) << "row " << row;
  }
  bool chaotic() const { return roundings_ && roundings_->chaotic; }
  size_t width() const { return static_cast<size_t>(whole_.width()); }

 private:
  const TinyModel& tiny_;
  const ModelConfig& config_;
  const Sequences& sequences_;
  Tensor whole_;
  std::optional<Roundings> roundings_;
};

// Whether it could be said: not of a combination that is chaotic.
bool expect_cached_equals_whole(const ModelConfig& config, const Ids& source, const Ids& first, const Ids& second,
                                int32_t domain) {
  const TinyModel tiny(config, DType::f32);
  const Sequences sequences(source, first, second, domain);
  RowsOfWhole whole(tiny, config, sequences);
  TransformerSteps steps(tiny.model, tiny.pass(false),
                         tiny.model.has_encoder() ? std::vector<Ids>{source} : std::vector<Ids>(1), {&domain, 1});
  const int64_t length = std::ssize(first);
  for (int64_t t = 0; t < length && !testing::Test::HasFailure(); ++t) {
    const auto at = static_cast<size_t>(t);
    const bool start = t == 0;
    const decode::StepModel::Row rows[] = {{start ? -1 : 1, second[at], 0}, {start ? -1 : 0, first[at], 0}};
    // Hypotheses change places at every step.
    const decode::StepModel::Row swapped[] = {{start ? -1 : 1, first[at], 0}, {start ? -1 : 0, second[at], 0}};
    const bool even = t % 2 == 0;
    const std::span<float> scores = steps.step(even ? rows : swapped);
    whole.expect(scores.subspan(even ? whole.width() : 0, whole.width()), t);
    whole.expect(scores.subspan(even ? 0 : whole.width(), whole.width()), length + t);
  }
  return !whole.chaotic();
}

TEST(VariantSteps, CachedEqualsWhole) {
  int drawn = 0, decoded = 0, chaotic = 0;
  model::over_variants(
      11,
      [&](RandomStream& random, const ModelConfig& config) {
    ++drawn;
    if (looks_ahead(config)) return;
    const int vocab = static_cast<int>(config.vocab_size);
    const Ids source = model::random_ids(random, static_cast<int>(1 + random.below(6)), vocab);
    const Ids first = model::random_ids(random, 6, vocab), second = model::random_ids(random, 6, vocab);
    const auto domain = static_cast<int32_t>(random.below(4)) - 1;
    ++(expect_cached_equals_whole(config, source, first, second, domain) ? decoded : chaotic);
      },
      150);
  EXPECT_GE(decoded, drawn / 2);
  EXPECT_LE(50 * chaotic, decoded) << chaotic << " past comparing";
}

}  // namespace
}  // namespace heddle::task
