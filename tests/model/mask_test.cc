// Which positions see which: the masks of each attention, and padding that nothing sees.

#include <gtest/gtest.h>

#include "heddle/data/packed_batch.h"
#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

using Ids = std::vector<int32_t>;

const Ids kSource = {3, 4, 5, 6, 7}, kTarget = {1, 8, 9, 10};

data::PackedSequences packed(const std::vector<Ids>& sequences) {
  data::PackedSequences all;
  for (size_t i = 0; i < sequences.size(); ++i) all.add(static_cast<int64_t>(i), sequences[i]);
  return all;
}

// changed[i][j]: whether state i moves when input j of its sequence is another token.
template <class States>
std::vector<std::vector<bool>> influence(const Ids& ids, States&& states) {
  const Tensor before = states(ids);
  std::vector<std::vector<bool>> changed(static_cast<size_t>(before.rows()), std::vector<bool>(ids.size()));
  for (size_t j = 0; j < ids.size(); ++j) {
    Ids other = ids;
    other[j] = 20;
    const Tensor after = states(other);
    for (int64_t i = 0; i < before.rows(); ++i)
      changed[static_cast<size_t>(i)][j] =
          relative(keep(after.row_range(i, i + 1)), keep(before.row_range(i, i + 1))) > 0;
  }
  return changed;
}

void expect_causal(const std::vector<std::vector<bool>>& changed, bool causal) {
  for (size_t i = 0; i < changed.size(); ++i)
    for (size_t j = 0; j < changed[i].size(); ++j) EXPECT_EQ(changed[i][j], !causal || j <= i) << i << " sees " << j;
}

TEST(Masks, EachAttentionHasItsOwn) {
  for (const bool encoder : {false, true})
    for (const bool decoder : {false, true})
      for (const bool cross : {false, true}) {
        ModelConfig config = tiny_config();
        if (encoder) config.encoder.attention_mask = "causal";
        if (!decoder) config.decoder.attention_mask = "full";
        if (cross) config.decoder_cross.attention_mask = "causal";
        const TinyModel tiny(config);
        const auto source_states = [&](const Ids& ids) {
          const auto source = packed({ids});
          return tiny.model.encode(tiny.pass(false), {source.ids, source.rows()});
        };
        expect_causal(influence(kSource, source_states), encoder);
        const auto target = packed({kTarget}), source = packed({kSource});
        const Tensor memory = source_states(kSource);
        expect_causal(influence(
                          kTarget,
                          [&](const Ids& ids) {
          return tiny.model.decode(tiny.pass(false), {ids, target.rows()}, memory, source.rows());
                          }),
                      decoder);
        if (!encoder || !decoder) continue;  // else what one hides another shows
        expect_causal(influence(
                          kSource,
                          [&](const Ids& ids) {
          return tiny.model.decode(tiny.pass(false), {target.ids, target.rows()}, source_states(ids), source.rows());
                          }),
                      cross);
      }
}

TEST(Padding, ChangesNoLossAndNoGradient) {
  const std::vector<Ids> sources = {{3, 4, 5, 6}, {7}, {8, 9}}, targets = {{10, 2}, {11, 12, 13, 2}, {2}};
  data::TranslationBatch batch, rectangle;
  for (size_t i = 0; i < sources.size(); ++i) {
    const auto number = static_cast<int64_t>(i);
    batch.source.add(number, sources[i]);
    batch.target_in.add_shifted(number, 1, targets[i]);
    batch.target_out.add(number, targets[i]);
  }
  const auto gradients = [&](TinyModel& tiny, const data::TranslationBatch& of) {
    Arena arena;
    ops::Tape tape(arena, {.eager_sink = &tiny.gradients});
    const nn::Pass pass = tiny.pass();
    const Tensor memory = tiny.model.encode(pass, {of.source.ids, of.source.rows()});
    const Tensor states = tiny.model.decode(pass, {of.target_in.ids, of.target_in.rows()}, memory, of.source.rows());
    const ops::OutputLoss loss = tiny.model.loss(pass, states, of.target_out.ids, of.target_in.rows(), {});
    const ops::Seed seed{loss.loss, {}};
    tape.backward({&seed, 1}, tiny.gradients);
    return loss.loss_sum;
  };
  for (const int32_t pad : {0, 5})
    for (const char* mask : {"full", "causal"}) {
      ModelConfig config = tiny_config();
      config.decoder.attention_mask = mask;
      TinyModel alone(config), filled(config);
      rectangle.source = data::padded(batch.source, 6, pad);
      rectangle.target_in = data::padded(batch.target_in, 7, pad);
      rectangle.target_out = data::padded(batch.target_out, 7, -1);  // no loss there
      EXPECT_NEAR(gradients(filled, rectangle), gradients(alone, batch), 1e-12);
      EXPECT_LE(relative(filled.gradients.flat(), alone.gradients.flat()), 1e-12);
      rectangle.source.length.clear();  // unmasked, the padding shows
      EXPECT_GT(relative(keep(Tensor::from<double>({1}, std::vector{gradients(filled, rectangle)})),
                         Tensor::from<double>({1}, std::vector{gradients(alone, batch)})),
                1e-6);
    }
}

TEST(Padding, RefusesWhatDoesNotFit) { EXPECT_THROW(data::padded(packed({kSource}), 4, 0), Error); }

}  // namespace
}  // namespace heddle::model
