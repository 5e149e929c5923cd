#include "heddle/inspect/attention_maps.h"

#include <cmath>

#include "tests/inspect/known_model.h"

namespace heddle::inspect {
namespace {

// Token embeddings are zero and position i is the unit vector e_i, so that the encoder's first layer sees positions
// alone. Head 0 asks for the position before its own, head 1 for its own.
KnownModel looking_back() {
  KnownModel known(known_config());
  KnownModel::set_zero(known.weight("embedding.weight"));
  const Tensor positions = known.weight("encoder.embedding.positions.weight");
  const Tensor qkv = known.weight("encoder.layers.0.self_attention.qkv.weight");
  KnownModel::set_zero(positions);
  KnownModel::set_zero(qkv);
  KnownModel::set_zero(known.weight("encoder.layers.0.self_attention.qkv.bias"));
  const auto set = [&](int64_t row, int64_t column, double value) { qkv.data<double>()[row * 16 + column] = value; };
  for (int64_t i = 0; i < 8; ++i) {
    positions.data<double>()[i * 16 + i] = 1;
    if (i > 0) set(i - 1, i, 1000);  // query of head 0 at i: e_{i-1}
    set(8 + i, i, 1000);             // query of head 1
    set(16 + i, i, 1);               // keys of both heads
    set(24 + i, i, 1);
  }
  return known;
}

TEST(AttentionMaps, FindAHeadThatLooksBack) {
  const KnownModel known = looking_back();
  Examples examples = {.begin_id = 1, .source = {{5, 9, 3, 7, 2}}, .target = {{4, 2}}};
  const auto figures = head_figures(known.subject(), examples, "encoder.layers.0.", {0, -1});
  ASSERT_EQ(figures.size(), 2u);
  const HeadFigures &back = figures[0], &same = figures[1];
  EXPECT_EQ(back.attention, "encoder.layers.0.self_attention");
  EXPECT_EQ(back.rows, 5);
  // Row 0 has nothing before it and looks everywhere alike.
  EXPECT_NEAR(back.previous, 4.0 / 5, 1e-7);
  EXPECT_NEAR(back.diagonal, 1.0 / 25, 1e-7);
  EXPECT_NEAR(back.entropy, std::log(5.0) / 5, 1e-7);
  EXPECT_NEAR(back.distance, (4 + 2) / 5.0, 1e-7);  // (0+1+2+3+4)/5 in row 0, 1 in the others
  EXPECT_NEAR(back.first, (1.0 / 5 + 1) / 5, 1e-7);
  EXPECT_NEAR(back.chosen, back.first + back.last, 1e-12);
  EXPECT_NEAR(same.diagonal, 1, 1e-7);
  EXPECT_NEAR(same.entropy, 0, 1e-7);
  EXPECT_NEAR(same.distance, 0, 1e-7);
}

TEST(AttentionMaps, RowsSumToOneInEveryAttention) {
  const KnownModel known(known_config());
  const Examples examples = known_examples();
  AttentionReader reader;
  run(known.subject(), examples.one(1), &reader);
  EXPECT_EQ(reader.maps().size(), 2u * (2 + 2 + 2));  // heads of encoder, decoder and cross-attention, two layers each
  for (const AttentionMap& map : reader.maps())
    for (int64_t i = 0; i < map.rows; ++i) {
      double sum = 0;
      for (int64_t j = 0; j < map.columns; ++j) {
        sum += map.at(i, j);
        const bool ahead = map.attention.starts_with("decoder.") && map.attention.ends_with("self_attention") && j > i;
        EXPECT_TRUE(!ahead || map.at(i, j) == 0) << "the decoder sees ahead";
      }
      EXPECT_NEAR(sum, 1, 1e-6);
    }
  const auto mean = mean_over_heads(reader.maps(), reader.maps()[0].attention, 0);
  EXPECT_NEAR(mean[0][0], (reader.maps()[0].at(0, 0) + reader.maps()[1].at(0, 0)) / 2, 1e-7);
}

TEST(AttentionMaps, ReadingChangesNothing) {
  const KnownModel known(known_config());
  const Examples examples = known_examples();
  AttentionReader reader;
  EXPECT_NEAR(run(known.subject(), examples, &reader).nll, run(known.subject(), examples).nll, 1e-10);
}

TEST(AttentionMaps, FiguresDoNotDependOnTheBatch) {
  const KnownModel known(known_config());
  const Examples examples = known_examples(6, 3);
  const auto together = head_figures(known.subject(), examples);
  std::vector<HeadFigures> apart;
  AttentionReader reader;
  for (int64_t i = 0; i < examples.size(); ++i) {
    run(known.subject(), examples.one(i), &reader);
    for (const AttentionMap& map : reader.maps()) add_figures(map, {}, apart);
    reader.clear();
  }
  finish_figures(apart);
  ASSERT_EQ(apart.size(), together.size());
  for (size_t i = 0; i < apart.size(); ++i) EXPECT_NEAR(apart[i].entropy, together[i].entropy, 1e-6);
}

}  // namespace
}  // namespace heddle::inspect
