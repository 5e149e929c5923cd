// Ids and text equal those of the `tokenizers` library; fixtures/make_tokenizers.py made the
// answers.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "heddle/base/file.h"
#include "heddle/text/trainers/tokenizer_trainer.h"
#include "tests/places/places.h"

namespace heddle::text {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<int32_t>;

std::filesystem::path fixture(const std::string& name) { return source_path("tests/text/fixtures") / name; }

class HuggingFace : public testing::TestWithParam<const char*> {
 protected:
  const Json expected_ = Json::parse(read_file(fixture("expected.json"), 1 << 20));
  const std::vector<std::string> lines_ = expected_["lines"];
  const Json& answers_ = expected_[GetParam()];
};

void expect_equal_ids(const Tokenizer& tokenizer, const std::vector<std::string>& lines, const Json& answers) {
  ASSERT_EQ(answers["ids"].size(), lines.size());
  ASSERT_GE(lines.size(), 150u);
  for (size_t i = 0; i < lines.size(); ++i)
    EXPECT_EQ(tokenizer.encode(lines[i]), answers["ids"][i].get<Ids>()) << "line " << i << ": " << lines[i];
  for (size_t i = 0; i < answers["plain_ids"].size(); ++i)
    EXPECT_EQ(tokenizer.encode(lines[i], false), answers["plain_ids"][i].get<Ids>()) << lines[i];
}

TEST_P(HuggingFace, IdsAreEqual) {
  const Tokenizer tokenizer = Tokenizer::load(fixture(std::string(GetParam()) + ".json"));
  expect_equal_ids(tokenizer, lines_, answers_);
}

TEST_P(HuggingFace, IdsAreEqualAfterWritingAndReading) {
  const Tokenizer read = Tokenizer::load(fixture(std::string(GetParam()) + ".json"));
  expect_equal_ids(Tokenizer::from_json(read.to_json(), "written"), lines_, answers_);
}

TEST_P(HuggingFace, TextOfRandomIdsIsEqual) {
  const Tokenizer tokenizer = Tokenizer::load(fixture(std::string(GetParam()) + ".json"));
  for (const Json& drawn : answers_["drawn"]) {
    EXPECT_EQ(tokenizer.decode(drawn["ids"].get<Ids>()), drawn["text"].get<std::string>()) << drawn["ids"];
    EXPECT_EQ(tokenizer.decode(drawn["ids"].get<Ids>(), false), drawn["all"].get<std::string>()) << drawn["ids"];
  }
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, HuggingFace, testing::Values("ours", "peer", "peer_prefix_space"),
                         [](const auto& test) { return std::string(test.param); });

// The trainer is deterministic, so the stored file can only differ when learning or writing
// changed.
TEST(HuggingFaceTrainer, OurTrainerGivesTheStoredFile) {
  TokenizerTrainer trainer({.vocab_size = 480});
  const std::string corpus = read_file(fixture("corpus.txt"), 1 << 20);
  for (size_t at = 0; at < corpus.size();) {
    const size_t end = corpus.find('\n', at);
    trainer.add(std::string_view(corpus).substr(at, end - at));
    at = end + 1;
  }
  EXPECT_EQ(trainer.train().to_json(), read_file(fixture("ours.json"), 1 << 20));
}

// Same corpus, same vocabulary, same merges in the same order as the library's trainer.
TEST(HuggingFaceTrainer, LearnsWhatTheLibraryLearns) {
  const Json ours = Json::parse(read_file(fixture("ours.json"), 1 << 20))["model"];
  const Json peer = Json::parse(read_file(fixture("peer.json"), 1 << 20))["model"];
  EXPECT_EQ(ours["vocab"], peer["vocab"]);
  EXPECT_EQ(ours["merges"], peer["merges"]);
}

}  // namespace
}  // namespace heddle::text
