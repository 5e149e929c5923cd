// Ids and text equal those of SentencePiece and tiktoken; fixtures/make_formats.py made files and answers.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/text/formats/load.h"
#include "tests/places/places.h"

namespace heddle::text {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<int32_t>;

std::filesystem::path fixture(const std::string& name) { return source_path("tests/text/fixtures/formats") / name; }

const Json& expected() {
  static const Json json = Json::parse(read_file(fixture("expected.json"), 4 << 20));
  return json;
}

class PeerAnswers : public testing::TestWithParam<const char*> {
 protected:
  const std::vector<std::string> lines_ = expected()["lines"];
  const Json& answers_ = expected()[GetParam()];
  const Tokenizer tokenizer_ = Tokenizer::load(fixture(answers_["file"]));

  void expect_equal_ids(const Tokenizer& tokenizer) const {
    ASSERT_EQ(answers_["ids"].size(), lines_.size());
    for (size_t i = 0; i < lines_.size(); ++i) {
      EXPECT_EQ(tokenizer.encode(lines_[i]), answers_["ids"][i].get<Ids>()) << lines_[i];
      EXPECT_EQ(tokenizer.encode_full(lines_[i]).ids, answers_["ids"][i].get<Ids>()) << lines_[i];
    }
  }
};

TEST_P(PeerAnswers, IdsAreEqual) { expect_equal_ids(tokenizer_); }

TEST_P(PeerAnswers, IdsAreEqualAfterWritingAndReading) {
  const std::string json = tokenizer_.to_json();
  const Tokenizer read = Tokenizer::from_json(json, "written");
  expect_equal_ids(read);
  EXPECT_EQ(read.to_json(), json);
}

TEST_P(PeerAnswers, TextIsEqual) {
  ASSERT_GE(answers_["drawn"].size(), 40u);
  for (const Json& drawn : answers_["drawn"])
    EXPECT_EQ(tokenizer_.decode(drawn["ids"].get<Ids>()), drawn["text"].get<std::string>()) << drawn["ids"];
}

TEST_P(PeerAnswers, OffsetsLieInTheText) {
  for (const std::string& line : lines_) {
    int64_t least = 0;
    for (const Offsets& place : tokenizer_.encode_full(line).offsets) {
      EXPECT_GE(place.begin, least);
      EXPECT_LE(place.begin, place.end);
      EXPECT_LE(place.end, std::ssize(line));
      least = place.begin;
    }
  }
}

// In parts of the `tokenizers` library the ids of plain text are the same; "ab" is one of the map's strings that go
// over several clusters.
TEST(PortableSentencePiece, IdsOfPlainTextAreEqual) {
  const std::string corpus = read_file(fixture("../corpus.txt"), 1 << 20);
  for (const char* name : {"unigram", "unigram_bytes", "unigram_plain", "bpe", "bpe_bytes", "bpe_plain"}) {
    const auto path = fixture(std::string(name) + ".model");
    const Tokenizer exact = load_tokenizer(path), portable = load_tokenizer(path, {.portable = true});
    EXPECT_EQ(portable.to_json().find("SentencePiece"), std::string::npos);
    const Tokenizer read = Tokenizer::from_json(portable.to_json(), "written");
    std::istringstream lines(corpus);
    int compared = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.find("ab") != std::string::npos) continue;
      EXPECT_EQ(read.encode(line), exact.encode(line)) << name << ": " << line;
      if (std::string_view(name) == "bpe_bytes") {
        EXPECT_EQ(read.decode(read.encode(line)), line);
      }
      ++compared;
    }
    EXPECT_GT(compared, 25);
  }
}

TEST(PortableSentencePiece, WhatHasNoPortableFormIsASentence) {
  for (const char* name : {"unigram_suffix", "unigram_unused", "bpe_unused", "bpe_ties", "bpe_lacks"})
    EXPECT_THROW(load_tokenizer(fixture(std::string(name) + ".model"), {.portable = true}), InputError) << name;
}

INSTANTIATE_TEST_SUITE_P(Formats, PeerAnswers,
                         testing::Values("unigram", "unigram_bytes", "unigram_symbols", "unigram_plain",
                                         "unigram_suffix", "unigram_unused", "bpe", "bpe_bytes", "bpe_symbols",
                                         "bpe_plain", "bpe_suffix", "bpe_unused", "bpe_ties", "bpe_lacks", "char",
                                         "r50k_base", "cl100k_base", "o200k_base", "gpt2"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace heddle::text
