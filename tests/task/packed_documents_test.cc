#include "heddle/task/packed_documents.h"

#include <gtest/gtest.h>

#include "tests/base/sentence.h"
#include "tests/model/tiny_model.h"

namespace heddle::task {
namespace {

using model::relative, model::TinyModel;
using Ids = std::vector<int32_t>;

model::ModelConfig decoder(const char* position) {
  model::ModelConfig config = model::tiny_config();
  config.kind = "decoder_only";
  config.position = position;
  config.layer.attention_dropout = 0.0;  // drawn by block
  config.layer.attention_mask = "causal & document";
  return config;
}

data::LanguageSet random_documents(int count) {
  RandomStream random({5, 0, 0, 0});
  data::LanguageSet set;
  for (int i = 0; i < count; ++i)
    set.add(1, model::random_ids(random, 1 + static_cast<int>(random.below(9)), model::kVocab));
  return set;
}

// The loss in training, dropout and all, and its gradients.
double add_gradients(TinyModel& tiny, const data::TranslationBatch& batch) {
  Arena arena;
  ops::Tape tape(arena);
  const ops::OutputLoss loss = tiny.model.training_loss(tiny.pass(), {batch.target_in.ids, batch.target_in.rows()}, {},
                                                        {}, batch.target_out.ids, {.smoothing = 0.1});
  const ops::Seed seed{loss.loss, {}};
  tape.backward({&seed, 1}, tiny.gradients);
  return loss.loss_sum;
}

TEST(PackedDocuments, EachIsWhatItIsAlone) {
  const data::LanguageSet documents = random_documents(30);
  PackedDocuments packed(documents, 20);
  const int64_t blocks = std::ssize(packed.open(0));
  EXPECT_LT(blocks, 15);
  for (const char* position : {"sinusoidal", "learned", "rope", "alibi", "shaw", "transformer_xl", "none"}) {
    TinyModel together(decoder(position)), alone(decoder(position));
    data::TranslationBatch batch, each;
    for (int32_t i = 0; i < blocks; ++i) packed.append_to(batch, i);
    EXPECT_EQ(batch.target_in.sequences(), blocks);
    const double loss = add_gradients(together, batch);
    double sum = 0;
    for (int64_t i = 0; i < documents.size(); ++i) {
      each.clear();
      documents.append_to(each, i, i);
      sum += add_gradients(alone, each);
    }
    EXPECT_NEAR(loss, sum, 1e-9 * sum) << position;
    EXPECT_LE(relative(together.gradients.flat(), alone.gradients.flat()), 1e-9) << position;
  }
}

TEST(PackedDocuments, StayApartWhenABatchIsCutOrRepeated) {
  const data::LanguageSet documents = random_documents(30);
  PackedDocuments packed(documents, 20);
  data::TranslationBatch batch;
  for (int32_t i = 0; i < std::ssize(packed.open(0)); ++i) packed.append_to(batch, i);
  TinyModel whole(decoder("rope")), cut(decoder("rope"));
  const double loss = add_gradients(whole, batch);
  std::vector<data::TranslationBatch> pieces;
  data::split(batch, 3, pieces);
  double sum = 0;
  for (const data::TranslationBatch& piece : pieces) sum += add_gradients(cut, piece);
  EXPECT_NEAR(loss, sum, 1e-9 * sum);
  EXPECT_LE(relative(cut.gradients.flat(), whole.gradients.flat()), 1e-9);
  const data::PackedSequences before = batch.target_in;
  data::repeat(batch);
  const auto rows = std::ssize(before.ids);
  ASSERT_EQ(std::ssize(batch.target_in.document), 2 * rows);
  for (size_t i = 0; i < before.ids.size(); ++i) {
    const size_t again = before.ids.size() + i;
    EXPECT_EQ(batch.target_in.document[again], before.document[i]);
    EXPECT_EQ(batch.target_in.position[again], before.position[i]);
    EXPECT_NE(batch.target_in.example[again], before.example[i]);
  }
}

TEST(PackedDocuments, AModelThatMixesThemIsRefused) {
  model::ModelConfig config = decoder("rope");
  check_keeps_documents_apart(config);
  config.layer.attention_mask = "causal";
  const auto said = [&] { return sentence_of([&] { check_keeps_documents_apart(config); }); };
  EXPECT_NE(said().find("model.attention.mask"), std::string::npos) << said();
  config.layer.attention_mask = "causal & (document | dilated(40))";
  EXPECT_NE(said().find("model.attention.mask"), std::string::npos) << said();
  config.layer.attention_mask = "causal & document & window(8)";
  config.layer.ffn_kind = "convolution";
  EXPECT_NE(said().find("model.ffn_kind"), std::string::npos) << said();
}

}  // namespace
}  // namespace heddle::task
