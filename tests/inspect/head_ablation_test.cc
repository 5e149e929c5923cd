#include "heddle/inspect/head_ablation.h"

#include "tests/inspect/known_model.h"

namespace heddle::inspect {
namespace {

// Zeros the columns of an output projection that read one head of width 8.
void cut_off(KnownModel& known, const std::string& attention, int head) {
  const Tensor output = known.weight(attention + ".output.weight");
  for (int64_t row = 0; row < output.rows(); ++row)
    for (int64_t c = 8 * head; c < 8 * head + 8; ++c) output.data<double>()[row * output.width() + c] = 0;
}

TEST(HeadAblation, IsTheLossOfAModelWhoseOutputIgnoresTheHead) {
  const Examples examples = known_examples();
  const KnownModel whole(known_config());
  const auto losses = ablate_heads(whole.subject(), examples, Ablation::zeros);
  ASSERT_EQ(losses.size(), 12u);
  for (const HeadLoss& loss : losses) {
    KnownModel cut(known_config());
    cut_off(cut, loss.attention, loss.head);
    EXPECT_NEAR(loss.without.nll, run(cut.subject(), examples).nll, 1e-9) << loss.attention << " " << loss.head;
    EXPECT_NE(loss.without.nll, run(whole.subject(), examples).nll);
  }
}

TEST(HeadAblation, AHeadThatNothingReadsIsNotMissed) {
  const Examples examples = known_examples();
  KnownModel known(known_config());
  cut_off(known, "decoder.layers.1.cross_attention", 1);
  const double whole = run(known.subject(), examples).nll;
  for (const Ablation how : {Ablation::zeros, Ablation::mean})
    for (const HeadLoss& loss : ablate_heads(known.subject(), examples, how)) {
      const bool unread = loss.attention == "decoder.layers.1.cross_attention" && loss.head == 1;
      if (unread) EXPECT_NEAR(loss.without.nll, whole, 1e-10);
      else EXPECT_GT(std::abs(loss.without.nll - whole), 1e-6) << loss.attention << " " << loss.head;
    }
}

}  // namespace
}  // namespace heddle::inspect
