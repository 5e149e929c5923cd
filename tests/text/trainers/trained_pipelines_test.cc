// Tokenizers of every type, trained here, against what the `tokenizers` library makes of the same files
// (fixtures/trainers/make_trained_pipelines.py).

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "heddle/base/file.h"
#include "heddle/text/trainers/tokenizer_trainer.h"
#include "tests/places/places.h"

namespace heddle::text {
namespace {

using Json = nlohmann::json;
const std::filesystem::path kFixtures = source_path("tests/text/fixtures");

// As the script's options say.
std::map<std::string, TokenizerRecipe> recipes() {
  std::map<std::string, TokenizerRecipe> recipes;
  const auto add = [&](const std::string& name, int64_t vocab_size) -> TokenizerRecipe& {
    recipes[name].type = name.substr(0, name.find('_'));
    recipes[name].vocab_size = vocab_size;
    return recipes[name];
  };
  add("bpe", 400);
  add("bpe_split", 400).splits = {"llama3", "digits"};
  recipes["bpe_split"].protected_words = {"loom"};
  TokenizerRecipe& lower = add("bpe_lower", 400);
  lower.lowercase = lower.strip_accents = true;
  lower.normalization = "nfkc";
  add("char-bpe", 330).coverage = 1;
  TokenizerRecipe& bytes = add("char-bpe_bytes", 600);
  bytes.byte_fallback = true;
  bytes.coverage = 0.9;
  add("wordpiece", 520);
  add("wordpiece_lower", 520).lowercase = true;
  recipes["wordpiece_lower"].score = PairScore::frequency;
  add("unigram", 330);
  TokenizerRecipe& unigram = add("unigram_bytes", 600);
  unigram.byte_fallback = true;
  unigram.splits = {"punctuation"};
  unigram.protected_words = {"weaver"};
  add("word", 120);
  add("word_split", 120).splits = {"scripts"};
  add("char", 400);
  return recipes;
}

Tokenizer trained(const TokenizerRecipe& recipe) {
  const std::string corpus = read_file(kFixtures / "corpus.txt", 1 << 20);
  TokenizerTrainer trainer(recipe);
  for (size_t at = 0; at < corpus.size();) {
    const size_t end = std::min(corpus.find('\n', at), corpus.size());
    trainer.add(std::string_view(corpus).substr(at, end - at));
    at = end + 1;
  }
  return trainer.train();
}

TEST(TrainedPipelines, TheLibraryGivesTheSameIdsAndTexts) {
  const Json answers = Json::parse(read_file(kFixtures / "trainers/trained_pipelines.json", 1 << 24));
  const auto texts = answers["texts"].get<std::vector<std::string>>();
  const auto all = recipes();
  ASSERT_EQ(all.size(), answers["pipelines"].size());
  for (const auto& [name, recipe] : all) {
    const Tokenizer tokenizer = trained(recipe);
    const Json& peer = answers["pipelines"][name];
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto ids = tokenizer.encode(texts[i]);
      EXPECT_EQ(ids, peer["ids"][i].get<std::vector<int32_t>>()) << name << ": " << texts[i];
      EXPECT_EQ(tokenizer.decode(ids), peer["decoded"][i].get<std::string>()) << name << ": " << texts[i];
    }
  }
}

}  // namespace
}  // namespace heddle::text
