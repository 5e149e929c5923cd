#include "heddle/task/domains.h"

#include <gtest/gtest.h>

#include "heddle/base/file.h"
#include "heddle/data/packed_batch.h"
#include "heddle/task/recipe_text.h"
#include "heddle/task/transformer_steps.h"
#include "tests/base/sentence.h"
#include "tests/places/temporary_folder.h"
#include "tests/task/random_translator.h"

namespace heddle::task {
namespace {

using Names = std::vector<std::string>;

Recipe recipe_of(const std::string& domains) {
  Recipe recipe;
  recipe.data.domains = domains;
  for (std::string* file : {&recipe.data.train_source, &recipe.data.valid_source}) *file = "{domain}.en";
  for (std::string* file : {&recipe.data.train_target, &recipe.data.valid_target}) *file = "{domain}.de";
  recipe.model.tie_embeddings = false;
  recipe.model.embedding_beside.resize(1);
  recipe.model.embedding_fusion = "domains";
  return recipe;
}

// A translator with random weights, far from uniform answers, that fuses two tables by three domains.
struct RandomDomains {
  model::LoadedModel loaded;

  RandomDomains() : loaded(config()) {
    loaded.parameters.initialize(loaded.weights, 1);
    RandomStream random({2, 0, 0, 0});
    for (float& w : loaded.weights.flat().span<float>()) w += static_cast<float>(0.3 * random.normal());
    loaded.weights.touch();
  }
  static model::ModelConfig config() {
    model::ModelConfig config = RandomTranslator::config(11, "pre", "softmax", 64, "relu");
    config.tie_embeddings = false;
    config.embedding_beside.resize(1);
    config.embedding_fusion = "domains";
    config.embedding_domains = 3;
    return config;
  }
  nn::Pass pass() const { return {.parameters = loaded.parameters, .weights = loaded.weights, .random = {}}; }
};

TEST(Domains, AreNamed) {
  const Recipe recipe = recipe_of(" news,talks of 2014 , law");
  EXPECT_EQ(domain_names(recipe.data), (Names{"news", "talks of 2014", "law"}));
  EXPECT_EQ(domain_names({}), Names());
  EXPECT_EQ(domains_of(recipe.data, "all.en"), (std::vector<int32_t>{kNoDomain}));
  EXPECT_EQ(domains_of(recipe.data, "{domain}.en"), (std::vector<int32_t>{0, 1, 2}));
  EXPECT_EQ(file_of_domain(recipe.data, "{domain}/train.{domain}.en", 2), "law/train.law.en");
  for (const char* bad : {",", "news,", "news, news", " "}) {
    const std::string said = sentence_of([&] { domain_names(recipe_of(bad).data); });
    EXPECT_NE(said.find("data.domains"), std::string::npos) << bad << said;
  }
}

TEST(Domains, TellTheModelHowManyTheyAre) {
  Recipe recipe = recipe_of("news, law");
  settle_domains(recipe);
  EXPECT_EQ(recipe.model.embedding_domains, 2);
  EXPECT_EQ(domain_number(recipe, "law"), 1);
  EXPECT_EQ(domain_number(recipe, ""), kNoDomain);
  const std::string unknown = sentence_of([&] { domain_number(recipe, "poems"); });
  EXPECT_NE(unknown.find("news, law"), std::string::npos) << unknown;
  settle_domains(recipe);  // as it is stored
  recipe.model.embedding_fusion = "gate";
  recipe.model.embedding_domains.reset();
  settle_domains(recipe);
  EXPECT_FALSE(recipe.model.embedding_domains) << "the same data without them";
  const std::string nothing = sentence_of([&] { domain_number(recipe, "law"); });
  EXPECT_NE(nothing.find("model.embedding.fusion"), std::string::npos) << nothing;
}

TEST(Domains, AndFilesBelongTogether) {
  const auto expect = [](auto&& change, const char* one, const char* other) {
    Recipe recipe = recipe_of("news, law");
    change(recipe);
    const std::string said = sentence_of([&] { settle_domains(recipe); });
    EXPECT_NE(said.find(one), std::string::npos) << said;
    EXPECT_NE(said.find(other), std::string::npos) << said;
  };
  expect([](Recipe& r) { r.data.domains.clear(); }, "data.train_source", "data.domains");
  expect([](Recipe& r) { r.data.train_source = r.data.train_target = "all"; }, "data.domains", "data.train_source");
  expect([](Recipe& r) { r.data.valid_target = "all"; }, "data.valid_source", "data.valid_target");
  expect([](Recipe& r) { r.data.train_text = "all"; }, "data.domains", "data.train_text");
  expect([](Recipe& r) { r.model.embedding_domains = 3; }, "model.embedding.domains", "data.domains");
  Recipe one_side = recipe_of("news, law");
  one_side.data.train_target = one_side.data.valid_target = "";  // columns of one file
  one_side.data.valid_source = "all.tsv";
  EXPECT_NO_THROW(settle_domains(one_side));
}

TEST(Domains, AreReadInTurn) {
  const TemporaryFolder folder;
  Recipe recipe = recipe_of("news, law");
  recipe.data.dir = folder.path().string();
  write_file_atomic(folder / "news.en", "a\nb\nc\n");
  write_file_atomic(folder / "news.de", "A\nB\nC\n");
  write_file_atomic(folder / "law.en", "x\n");
  write_file_atomic(folder / "law.de", "X\n");
  const std::vector<data::TextPair> all = {{"a", "A", 0}, {"x", "X", 1}, {"b", "B", 0}, {"c", "C", 0}};
  EXPECT_EQ(read_training_pairs(recipe.data), all);
  recipe.data.train_lines = 2;
  EXPECT_EQ(read_training_pairs(recipe.data).back().domain, 1);
  EXPECT_EQ(read_pairs(recipe.data, "news.en", "news.de")[0].domain, kNoDomain);
  const std::vector<DomainText> texts = read_texts(recipe.data, "{domain}.en");
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[1].text, "x\n");
  EXPECT_EQ(texts[1].domain, 1);
  EXPECT_EQ(read_texts(recipe.data, "law.en")[0].domain, kNoDomain);
}

// Of one source and one text, of each domain.
TEST(Domains, EachSequenceIsDecodedByItsOwn) {
  constexpr int32_t kSteps = 3;
  const RandomDomains random;
  const nn::Pass pass = random.pass();
  const std::vector<int32_t> domains = {2, kNoDomain, 0, 1};
  const Ids source = {3, 4, 5, 2}, target = {kStart, 4, 4};
  data::PackedSequences sources, targets;
  for (const int32_t domain : domains) {
    sources.add(0, source, domain);
    targets.add(0, target, domain);
  }
  const model::EncoderDecoder& model = random.loaded.model;
  const Tensor memory = model.encode(pass, {sources.ids, sources.rows()}),
               states = model.decode(pass, {targets.ids, targets.rows()}, memory, sources.rows()),
               whole = model.log_probabilities(pass, states, targets.rows());
  TransformerSteps steps(model, pass, std::vector<Ids>(domains.size(), source), domains);
  for (int32_t step = 0; step < kSteps; ++step) {
    std::vector<Row> rows;
    for (int32_t s = 0; s < std::ssize(domains); ++s)
      rows.push_back({step == 0 ? -1 : s, target[static_cast<size_t>(step)], s});
    const std::span<float> scores = steps.step(rows);
    const auto apart = [&](int64_t row, int64_t of) {
      double most = 0;
      for (int64_t i = 0; i < whole.width(); ++i)
        most = std::max<double>(most, std::abs(scores[static_cast<size_t>(row * whole.width() + i)] -
                                               whole.data<float>()[(of * kSteps + step) * whole.width() + i]));
      return most;
    };
    for (int64_t s = 0; s < std::ssize(domains); ++s) {
      EXPECT_LT(apart(s, s), 1e-5) << "domain " << domains[static_cast<size_t>(s)];
      EXPECT_GT(apart(s, (s + 1) % std::ssize(domains)), 1e-2) << "domain " << domains[static_cast<size_t>(s)];
    }
  }
}

}  // namespace
}  // namespace heddle::task
