// Masks while a text is made token by token: what the cache keeps, and what it cannot.

#include <gtest/gtest.h>

#include "heddle/data/packed_batch.h"
#include "heddle/task/transformer_steps.h"
#include "tests/model/tiny_model.h"

namespace heddle::task {
namespace {

using model::LayerOverride, model::ModelConfig, model::TinyModel, model::kVocab, model::tiny_config;

const std::vector<int32_t> kSource = {3, 4, 5, 6, 7}, kTarget = {1, 8, 9, 10};

TEST(Masks, TheCacheKeepsACausalMaskOverTheSource) {
  ModelConfig config = tiny_config();
  config.decoder_cross.attention_mask = "causal";
  const TinyModel tiny(config, DType::f32);
  data::PackedSequences source, target;
  source.add(0, kSource);
  target.add(0, kTarget);
  const nn::Pass pass = tiny.pass(false);
  const Tensor states = tiny.model.decode(pass, {target.ids, target.rows()},
                                          tiny.model.encode(pass, {source.ids, source.rows()}), source.rows());
  const Tensor whole = tiny.model.log_probabilities(pass, states, target.rows());
  TransformerSteps steps(tiny.model, pass, {kSource});
  for (int64_t t = 0; t < target.tokens(); ++t) {
    const decode::StepModel::Row next = {t == 0 ? -1 : 0, kTarget[static_cast<size_t>(t)], 0};
    const std::span<float> row = steps.step({&next, 1});
    for (int64_t i = 0; i < kVocab; ++i)
      EXPECT_NEAR(row[static_cast<size_t>(i)], whole.data<float>()[t * kVocab + i], 1e-5);
  }
}

// Half of the layers look near, the other half far; none looks at most of what was.
ModelConfig forgetful(const char* kind) {
  ModelConfig config = tiny_config();
  config.kind = "decoder_only";
  config.position = "alibi";
  config.max_length = 4096;
  config.decoder.attention_kind = kind;
  if (config.decoder.attention_kind == "segments") config.decoder.attention_segment = 7;
  else config.decoder.attention_mask = "causal & (window(5) | prefix(2))";
  LayerOverride& far = config.layers.emplace_back();
  far.stack = "decoder";
  far.layers = "1";
  if (config.decoder.attention_kind == "segments") far.keys.attention_memory = 20;
  else far.keys.attention_mask = "causal & window(30)";
  return config;
}

TEST(Masks, WhatIsForgottenIsNotMissed) {
  for (const char* kind : {"softmax", "segments"}) {
    SCOPED_TRACE(kind);
    const TinyModel tiny(forgetful(kind), DType::f32);
    RandomStream random({5, 0, 0, 0});
    std::vector<int32_t> ids;
    for (int i = 0; i < 120; ++i) ids.push_back(static_cast<int32_t>(random.below(kVocab)));
    data::PackedSequences target;
    target.add(0, ids);
    const nn::Pass pass = tiny.pass(false);
    const Tensor states = tiny.model.decode(pass, {target.ids, target.rows()}, {}, {});
    const Tensor whole = tiny.model.log_probabilities(pass, states, target.rows());
    TransformerSteps steps(tiny.model, pass, {{}});
    for (int64_t t = 0; t < target.tokens(); ++t) {
      const decode::StepModel::Row next = {t == 0 ? -1 : 0, ids[static_cast<size_t>(t)], 0};
      const std::span<float> row = steps.step({&next, 1});
      for (int64_t i = 0; i < kVocab; ++i)
        ASSERT_NEAR(row[static_cast<size_t>(i)], whole.data<float>()[t * kVocab + i], 1e-4) << "step " << t;
    }
  }
}

TEST(Masks, ThePastOfAWindowDoesNotGrow) {
  const auto bytes_after = [](const ModelConfig& config, int steps) {
    const TinyModel tiny(config, DType::f32);
    TransformerSteps model(tiny.model, tiny.pass(false), {{}});
    std::vector<decode::StepModel::Row> rows = {{-1, 3, 0}, {-1, 4, 0}};
    for (int step = 0; step < steps; ++step) {
      model.step(rows);
      rows = {{0, 4, 0}, {step % 5 == 0 ? 0 : 1, 5, 0}};
    }
    return model.past_bytes();
  };
  ModelConfig everything = forgetful("softmax");
  everything.layers[0].keys.attention_mask = "causal";
  for (const char* kind : {"softmax", "segments"})
    EXPECT_EQ(bytes_after(forgetful(kind), 3000), bytes_after(forgetful(kind), 300));
  EXPECT_GT(bytes_after(everything, 3000), 8 * bytes_after(everything, 300));
}

TEST(Masks, ADecoderThatSeesLaterTokensIsNotDecodedStepByStep) {
  ModelConfig config = tiny_config();
  config.decoder.attention_mask = "full";
  const TinyModel tiny(config, DType::f32);
  EXPECT_THROW(TransformerSteps(tiny.model, tiny.pass(false), {kSource}), InputError);
}

}  // namespace
}  // namespace heddle::task
