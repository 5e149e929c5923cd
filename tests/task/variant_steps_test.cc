// Every valid combination of architectural ideas, decoded with a cache: token by token it gives what the whole sequence
// gives, whoever its neighbours are.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "heddle/data/packed_batch.h"
#include "heddle/task/transformer_steps.h"
#include "tests/model/random_variant.h"

namespace heddle::task {
namespace {

using model::ModelConfig, model::Stack, model::TinyModel;
using Ids = std::vector<int32_t>;

bool looks_ahead(const ModelConfig& config) {
  for (int64_t i = 0; i < config.decoder_layers; ++i)
    if (resolve_layer(config, Stack::decoder, i).self_attention.mask.looks_ahead(config.max_length)) return true;
  return false;
}

// Roundings are of the size of the logits, which without a norm grow to thousands: the largest log-probability tells
// how far.
void expect_row(std::span<const float> cached, std::span<const float> whole) {
  float most = 0;
  for (const float each : whole) most = std::max(most, std::abs(each));
  for (size_t i = 0; i < whole.size(); ++i) ASSERT_NEAR(cached[i], whole[i], 2e-4 + 2e-6 * most);
}

// Two hypotheses: the second row follows `second`, both from one source.
void expect_cached_equals_whole(const TinyModel& tiny, const Ids& source_ids, const Ids& first, const Ids& second) {
  const nn::Pass pass = tiny.pass(false);
  data::PackedSequences source, target;
  source.add(0, source_ids);
  source.add(0, source_ids);
  target.add(0, first);
  target.add(0, second);
  const bool translates = tiny.model.has_encoder();
  const Tensor memory = translates ? tiny.model.encode(pass, {source.ids, source.rows()}) : Tensor();
  const Tensor states =
      tiny.model.decode(pass, {target.ids, target.rows()}, memory, translates ? source.rows() : Rows());
  const Tensor whole = tiny.model.log_probabilities(pass, states, target.rows());
  TransformerSteps steps(tiny.model, pass, translates ? std::vector<Ids>{source_ids} : std::vector<Ids>(1));
  const int64_t length = std::ssize(first);
  for (int64_t t = 0; t < length; ++t) {
    const auto at = static_cast<size_t>(t);
    const bool start = t == 0;
    const decode::StepModel::Row rows[] = {{start ? -1 : 1, second[at], 0}, {start ? -1 : 0, first[at], 0}};
    // Hypotheses change places at every step.
    const decode::StepModel::Row swapped[] = {{start ? -1 : 1, first[at], 0}, {start ? -1 : 0, second[at], 0}};
    const bool even = t % 2 == 0;
    const std::span<float> scores = steps.step(even ? rows : swapped);
    const auto width = static_cast<size_t>(whole.width());
    expect_row(scores.subspan(even ? width : 0, width), whole.span<float>().subspan(at * width, width));
    expect_row(scores.subspan(even ? 0 : width, width),
               whole.span<float>().subspan((static_cast<size_t>(length) + at) * width, width));
    if (testing::Test::HasFailure()) FAIL() << "step " << t;
  }
}

TEST(VariantSteps, CachedEqualsWhole) {
  int drawn = 0, decoded = 0;
  model::over_variants(
      11,
      [&](RandomStream& random, const ModelConfig& config) {
    ++drawn;
    if (looks_ahead(config)) return;
    ++decoded;
    const TinyModel tiny(config, DType::f32);
    const int vocab = static_cast<int>(config.vocab_size);
    const Ids source = model::random_ids(random, static_cast<int>(1 + random.below(6)), vocab);
    expect_cached_equals_whole(tiny, source, model::random_ids(random, 6, vocab), model::random_ids(random, 6, vocab));
      },
      150);
  EXPECT_GE(decoded, drawn / 2);
}

}  // namespace
}  // namespace heddle::task
