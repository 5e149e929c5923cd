// Every kind of pipeline answers as the `tokenizers` library does: ids, offsets and all the rest, of single texts and
// pairs; fixtures/make_pipelines.py made tokenizers and answers.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "heddle/base/file.h"
#include "heddle/text/tokenizer.h"
#include "tests/places/places.h"

namespace heddle::text {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<int32_t>;

std::filesystem::path fixture(const std::string& name) {
  return source_path("tests/text/fixtures/pipelines") / (name + ".json");
}

const Json& expected() {
  static const Json json = Json::parse(read_file(fixture("expected"), 4 << 20));
  return json;
}

Ids flat(const std::vector<Offsets>& offsets) {
  Ids numbers;
  for (const Offsets& place : offsets) {
    numbers.push_back(static_cast<int32_t>(place.begin));
    numbers.push_back(static_cast<int32_t>(place.end));
  }
  return numbers;
}

void expect_equal(const Encoding& ours, const Json& answer, const std::string& line) {
  EXPECT_EQ(ours.ids, answer["ids"].get<Ids>()) << line;
  EXPECT_EQ(flat(ours.offsets), answer["offsets"].get<Ids>()) << line;
  EXPECT_EQ(ours.type_ids, answer["types"].get<Ids>()) << line;
  EXPECT_EQ(ours.tokens, answer["tokens"].get<std::vector<std::string>>()) << line;
  EXPECT_EQ(ours.words, answer["words"].get<Ids>()) << line;
  EXPECT_EQ(ours.special_mask, answer["special"].get<Ids>()) << line;
  EXPECT_EQ(ours.attention_mask, answer["attention"].get<Ids>()) << line;
  EXPECT_EQ(ours.sequences, answer["sequences"].get<Ids>()) << line;
  ASSERT_EQ(ours.overflowing.size(), answer["overflowing"].size()) << line;
  for (size_t i = 0; i < ours.overflowing.size(); ++i)
    EXPECT_EQ(ours.overflowing[i].ids, answer["overflowing"][i].get<Ids>()) << line;
}

class Pipelines : public testing::TestWithParam<const char*> {
 protected:
  const std::vector<std::string> lines_ = expected()["lines"];
  const Json& answers_ = expected()[GetParam()];
};

void expect_equal_answers(const Tokenizer& tokenizer, const std::vector<std::string>& lines, const Json& answers) {
  ASSERT_EQ(answers.size(), lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    const Json& answer = answers[i];
    const Encoding single = tokenizer.encode_full(lines[i], true, OffsetUnit::characters);
    expect_equal(single, answer["single"], lines[i]);
    EXPECT_EQ(tokenizer.encode(lines[i]), answer["single"]["ids"].get<Ids>()) << lines[i];
    EXPECT_EQ(tokenizer.encode(lines[i], false), answer["plain"].get<Ids>()) << lines[i];
    EXPECT_EQ(tokenizer.decode(single.ids), answer["text"].get<std::string>()) << lines[i];
    EXPECT_EQ(tokenizer.decode(single.ids, false), answer["all"].get<std::string>()) << lines[i];
    if (!answer.contains("pair")) continue;
    const std::string& other = lines[(i + lines.size() - 1) % lines.size()];
    expect_equal(tokenizer.encode_pair(lines[i], other, true, OffsetUnit::characters), answer["pair"], lines[i]);
  }
}

TEST_P(Pipelines, AnswersAreEqual) { expect_equal_answers(Tokenizer::load(fixture(GetParam())), lines_, answers_); }

TEST_P(Pipelines, AnswersAreEqualAfterWritingAndReading) {
  const Tokenizer read = Tokenizer::load(fixture(GetParam()));
  const std::string written = read.to_json();
  const Tokenizer again = Tokenizer::from_json(written, "written");
  expect_equal_answers(again, lines_, answers_);
  EXPECT_EQ(again.to_json(), written);
}

// Ids from memory, which pieces of up to 16 bytes have, are those made anew.
TEST_P(Pipelines, RememberedPiecesAreEqual) {
  const Tokenizer tokenizer = Tokenizer::load(fixture(GetParam()));
  for (int pass = 0; pass < 2; ++pass)
    for (size_t i = 0; i < lines_.size(); ++i)
      EXPECT_EQ(tokenizer.encode(lines_[i]), answers_[i]["single"]["ids"].get<Ids>()) << pass << lines_[i];
}

TEST_P(Pipelines, ABatchIsItsTexts) {
  const Tokenizer tokenizer = Tokenizer::load(fixture(GetParam()));
  const auto batch = tokenizer.encode_batch(lines_);
  for (size_t i = 0; i < lines_.size(); ++i) {
    const Encoding alone = tokenizer.encode_full(lines_[i]);
    EXPECT_EQ(batch[i].ids, alone.ids);
    EXPECT_EQ(batch[i].offsets, alone.offsets);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Pipelines,
                         testing::Values("gpt2", "roberta", "llama3", "qwen", "o200k", "deepseek", "bloom",
                                         "unknown_pattern", "bert_uncased", "bert_cased", "t5", "xlm_roberta", "marian",
                                         "gemma", "llama2", "suffixes", "prefixes", "word_level", "byte_normalizer"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace heddle::text
