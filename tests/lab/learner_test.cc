#include "heddle/lab/learner.h"

#include <gtest/gtest.h>

#include "heddle/lab/tasks/recall.h"
#include "heddle/nn/guided_alignment.h"

namespace heddle::lab {
namespace {

// The further loss of a step reaches the weights: guided to the first source token, attention goes there.
TEST(Learner, AStepMayHaveAFurtherLoss) {
  const RecallTask task;
  RandomStream random({1, 0, 0, 0});
  const RecallBatch batch = recall_batch(task, random, 8);
  const model::ModelConfig config = small_model("encoder_decoder", task.vocab(), 16, 1, 1);
  nn::GuidedAlignment guide("decoder.layers.0.cross_attention",
                            model::resolve_layer(config, model::Stack::decoder, 0).cross_attention);
  const std::vector<int32_t> places(batch.places.size(), 0);
  std::vector<int32_t> offsets;
  for (size_t t = 0; t <= places.size(); ++t) offsets.push_back(static_cast<int32_t>(t));
  Learner learner(config, small_training(3e-3), 1);
  double guided = 0, first = 0;
  for (int step = 0; step < 60; ++step) {
    learner.step(batch.tokens, {&guide, [&] {
                                  const ops::AlignmentLoss loss = guide.loss({offsets, places}, 1.0 / 48);
                                  guided = loss.loss_sum / 48;
                                  if (step == 0) first = guided;
                                  return loss.loss;
                                }});
  }
  EXPECT_GT(first, 1);
  EXPECT_LT(guided, 0.3);
}

}  // namespace
}  // namespace heddle::lab
