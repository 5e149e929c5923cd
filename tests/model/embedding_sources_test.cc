// Token vectors that know something of the tokens, and what the output layer shares with them.

#include <gtest/gtest.h>

#include "heddle/model/store.h"
#include "heddle/ops/workspace.h"
#include "tests/base/sentence.h"
#include "tests/model/tiny_model.h"
#include "tests/places/temporary_folder.h"

namespace heddle::model {
namespace {

ModelConfig with_source(const char* kind) {
  ModelConfig config = tiny_config();
  config.embedding.kind = kind;
  config.tie_embeddings = false;
  config.position = "none";
  return config;
}

// The vector of each token, not scaled, row by row.
Tensor vectors_of(const EncoderDecoder& model, const nn::Parameters& parameters, const nn::WeightSet& weights) {
  TinyStream all;
  for (int32_t id = 0; id < kVocab; ++id) all.add(id, {id});
  return keep(model.target_embedding().forward({.parameters = parameters, .weights = weights, .random = {}}, all.ids,
                                               all.rows()));
}

double difference(const Tensor& vectors, int64_t a, int64_t b) {
  return relative(keep(vectors.row_range(a, a + 1)), keep(vectors.row_range(b, b + 1)));
}

TEST(EmbeddingSources, CharactersAreReadFromTheTexts) {
  const TemporaryFolder folder;
  ModelConfig config = with_source("characters");
  config.embedding.characters = 5;
  LoadedModel made(config);
  made.parameters.initialize(made.weights, 3);
  EXPECT_GT(difference(vectors_of(made.model, made.parameters, made.weights), 3, 4), 1e-2) << "numbers as texts";
  nn::TokenFacts facts;
  for (int id = 0; id < kVocab; ++id) facts.texts.push_back("w" + std::to_string(id % 20));
  facts.texts[7] = "a long word";
  facts.texts[8] = "a lon";
  facts.texts[9] = "";
  facts.texts[10] = std::string("\0\xff", 2);
  made.model.learn_tokens(facts, made.weights);
  const Tensor vectors = vectors_of(made.model, made.parameters, made.weights);
  EXPECT_EQ(difference(vectors, 1, 21), 0) << "the same text";
  EXPECT_EQ(difference(vectors, 7, 8), 0) << "cut after five bytes";
  for (const int64_t other : {2, 8, 9, 10}) EXPECT_GT(difference(vectors, 1, other), 1e-2) << other;
  save_config(folder.path(), config);
  save_weights(folder / "model.safetensors", made.parameters, made.weights);
  const auto loaded = load_model(folder.path());
  EXPECT_EQ(relative(vectors_of(loaded->model, loaded->parameters, loaded->weights), vectors), 0) << "texts are kept";
}

TEST(EmbeddingSources, VectorsAreThoseOfTheFile) {
  nn::TokenFacts facts;
  facts.vectors = [](const std::string& file, int64_t width) {
    EXPECT_EQ(file, "words.vec");
    std::vector<float> numbers(static_cast<size_t>(kVocab * width));
    for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
    return numbers;
  };
  for (const bool frozen : {true, false}) {
    ModelConfig config = with_source("vectors");
    config.embedding.file = "words.vec";
    config.embedding.frozen = frozen;
    LoadedModel made(config);
    made.parameters.initialize(made.weights, 3);
    made.model.learn_tokens(facts, made.weights);
    const Tensor vectors = vectors_of(made.model, made.parameters, made.weights);
    for (int64_t i = 0; i < vectors.count(); ++i)
      EXPECT_NEAR(vectors.data<float>()[i], std::sqrt(12.0) * static_cast<double>(i), 1e-4 * static_cast<double>(i));
    const nn::ParameterId table = made.parameters.find("decoder.embedding.source0.table.weight");
    ASSERT_NE(table, nn::kNoParameter);
    EXPECT_EQ(made.parameters.info(table).trainable, !frozen);
  }
  const std::string said = sentence_of([&] { validate(with_source("vectors")); });
  EXPECT_NE(said.find("model.embedding.file"), std::string::npos) << said;
}

TEST(EmbeddingSources, AnOutputLayerSharesBothFactors) {
  ModelConfig config = with_source("factorised");
  config.embedding.rank = 5;
  config.tie_embeddings = true;
  const TinyModel tiny(config);
  EXPECT_EQ(tiny.parameters.find("encoder.embedding.source0.table.weight"), tiny.parameters.find("output.weight"));
  const Tensor &e = tiny.weights.of(tiny.parameters.find("output.weight")),
               &p = tiny.weights.of(tiny.parameters.find("output.projection.weight")),
               &bias = tiny.weights.of(tiny.parameters.find("output.bias"));
  ASSERT_EQ(e.width(), 5);
  RandomStream random({4, 0, 0, 0});
  const Tensor x = Tensor::zeros({2, 12}, DType::f64);
  for (double& value : x.span<double>()) value = random.normal();
  const Tensor found = tiny.model.log_probabilities(tiny.pass(false), x, {});
  for (int64_t r = 0; r < 2; ++r) {
    std::vector<double> logits(kVocab);
    double total = 0;
    for (int64_t v = 0; v < kVocab; ++v) {
      double& logit = logits[static_cast<size_t>(v)] = bias.data<double>()[v];
      for (int64_t k = 0; k < 5; ++k)
        for (int64_t c = 0; c < 12; ++c)
          logit += e.data<double>()[v * 5 + k] * p.data<double>()[c * 5 + k] * x.data<double>()[r * 12 + c];
      total += std::exp(logit);
    }
    for (int64_t v = 0; v < kVocab; ++v)
      EXPECT_NEAR(found.data<double>()[r * kVocab + v], logits[static_cast<size_t>(v)] - std::log(total), 1e-12);
  }
}

}  // namespace
}  // namespace heddle::model
