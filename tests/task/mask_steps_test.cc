// Masks while a text is made token by token: what the cache keeps, and what it cannot.

#include <gtest/gtest.h>

#include "heddle/data/packed_batch.h"
#include "heddle/task/transformer_steps.h"
#include "tests/model/tiny_model.h"

namespace heddle::task {
namespace {

using model::ModelConfig, model::TinyModel, model::kVocab, model::tiny_config;

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

TEST(Masks, ADecoderThatSeesLaterTokensIsNotDecodedStepByStep) {
  ModelConfig config = tiny_config();
  config.decoder.attention_mask = "full";
  const TinyModel tiny(config, DType::f32);
  EXPECT_THROW(TransformerSteps(tiny.model, tiny.pass(false), {kSource}), InputError);
}

}  // namespace
}  // namespace heddle::task
