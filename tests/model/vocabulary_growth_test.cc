// New rows are means of old ones, old rows and all other weights stay, tied or not.

#include "heddle/model/vocabulary_growth.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/base/sentence.h"
#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

TEST(VocabularyGrowth, NewRowsAreMeansOfTheirOldPieces) {
  for (const bool tied : {true, false}) {
    ModelConfig config = tiny_config();
    config.tie_embeddings = tied;
    LoadedModel old(config);
    RandomStream random(RandomKey{.seed = 5});
    for (float& number : old.weights.flat().span<float>()) number = static_cast<float>(random.normal());
    const std::vector<std::vector<int32_t>> pieces = {{3}, {1, 4, 4}, {}};
    const auto grown = with_more_tokens(old, pieces);
    EXPECT_EQ(grown->model.config().vocab_size, kVocab + 3);
    int with_rows = 0;
    for (const nn::ParameterInfo& info : grown->parameters.all()) {
      const Tensor& before = old.weights.of(old.parameters.find(info.name));
      const Tensor& after = grown->weights.of(grown->parameters.find(info.name));
      EXPECT_TRUE(std::ranges::equal(before.span<float>(), after.span<float>().first(before.span<float>().size())))
          << info.name;
      if (before.shape() == after.shape()) continue;
      ++with_rows;
      const auto width = static_cast<int64_t>(before.count() / kVocab);
      const float* from = before.data<float>();
      const float* row = after.data<float>() + before.count();
      for (int64_t i = 0; i < width; ++i) {
        EXPECT_EQ(row[i], from[3 * width + i]) << info.name;
        EXPECT_NEAR(row[width + i], (from[width + i] + 2 * from[4 * width + i]) / 3, 1e-6) << info.name;
        EXPECT_EQ(row[2 * width + i], 0) << info.name;
      }
    }
    EXPECT_EQ(with_rows, tied ? 2 : 4) << "the table or tables, and the output's bias";
  }
}

TEST(VocabularyGrowth, OfTokenVectorsThatAreNoTable) {
  const std::vector<std::vector<int32_t>> pieces = {{3}, {4}, {5}};
  ModelConfig config = tiny_config();
  config.tie_embeddings = false;
  config.embedding.kind = "quotient_remainder";
  EXPECT_TRUE(contains(sentence_of([&] { with_more_tokens(LoadedModel(config), pieces); }), "model.embedding.kind"));
  config.embedding.kind = "hashing";
  EXPECT_TRUE(contains(sentence_of([&] { with_more_tokens(LoadedModel(config), pieces); }), "model.embedding.buckets"));
  config.embedding.buckets = 9;
  EXPECT_EQ(with_more_tokens(LoadedModel(config), pieces)->model.config().vocab_size, kVocab + 3);
}

TEST(VocabularyGrowth, PiecesOfAnotherTokenizerAreRefused) {
  const LoadedModel old(tiny_config());
  const std::vector<std::vector<int32_t>> pieces = {{kVocab}};
  EXPECT_TRUE(contains(sentence_of([&] { with_more_tokens(old, pieces); }), "outside the model's vocabulary"));
}

}  // namespace
}  // namespace heddle::model
