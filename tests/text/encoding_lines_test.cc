#include "heddle/text/encoding_lines.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "heddle/base/error.h"
#include "tests/text/trained_tokenizer.h"

namespace heddle::text {
namespace {

std::string encoded(const Tokenizer& tokenizer, std::string_view line, const EncodeOptions& options) {
  std::string out;
  append_encoded(tokenizer, line, options, out);
  return out;
}

std::string decoded(const Tokenizer& tokenizer, std::string_view line, const DecodeOptions& options = {}) {
  std::string out;
  append_decoded(tokenizer, line, options, out);
  return out;
}

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST(EncodingLines, Forms) {
  const Tokenizer tokenizer = trained_tokenizer();
  const std::string line = "über weave";
  const Encoding encoding = tokenizer.encode_full(line);
  std::string ids, tokens, offsets;
  for (size_t i = 0; i < encoding.size(); ++i) {
    const char* space = i == 0 ? "" : " ";
    ids += space + std::to_string(encoding.ids[i]);
    tokens += space + encoding.tokens[i];
    offsets += fmt::format("{}{}:{}:{}", space, encoding.ids[i], encoding.offsets[i].begin, encoding.offsets[i].end);
  }
  EXPECT_EQ(encoded(tokenizer, line, {}), ids);
  EXPECT_EQ(encoded(tokenizer, line, {.form = TokenForm::tokens}), tokens);
  EXPECT_EQ(encoded(tokenizer, line, {.form = TokenForm::offsets}), offsets);
  const auto last_end = [&](OffsetUnit unit) {
    const auto json = nlohmann::json::parse(
        encoded(tokenizer, line, {.form = TokenForm::json, .add_special_tokens = false, .unit = unit}));
    return json["offsets"].back()[1].get<int>();
  };
  EXPECT_EQ(last_end(OffsetUnit::bytes), 11);
  EXPECT_EQ(last_end(OffsetUnit::characters), 10);
}

TEST(EncodingLines, SpecialTokensArePutThereOrNot) {
  const Tokenizer tokenizer = trained_tokenizer();
  EXPECT_TRUE(encoded(tokenizer, "weave", {}).ends_with(" 2"));
  EXPECT_FALSE(encoded(tokenizer, "weave", {.add_special_tokens = false}).ends_with(" 2"));
  EXPECT_EQ(encoded(tokenizer, "", {.add_special_tokens = false}), "");
}

TEST(EncodingLines, PairsAreSeparatedByTheFirstTab) {
  const Tokenizer tokenizer = trained_tokenizer();
  const Encoding pair = tokenizer.encode_pair("warp", "a\tb");
  const std::string line = encoded(tokenizer, "warp\ta\tb", {.form = TokenForm::offsets, .pair = true});
  std::string expected;
  for (size_t i = 0; i < pair.size(); ++i)
    expected += fmt::format("{}{}:{}:{}:{}", i == 0 ? "" : " ", pair.ids[i], pair.offsets[i].begin, pair.offsets[i].end,
                            pair.sequences[i] < 0 ? "-" : std::to_string(pair.sequences[i]));
  EXPECT_EQ(line, expected);
  EXPECT_NE(line.find(":-"), std::string::npos);
  EXPECT_EQ(error_of([&] { encoded(tokenizer, "warp", {.pair = true}); }),
            "there is no tab; expected two texts with a tab between");
}

TEST(EncodingLines, TruncationAndPaddingAreTheTokenizers) {
  TokenizerParts parts = trained_tokenizer().parts();
  parts.truncation = Truncation{.max_length = 4, .strategy = {}, .stride = 1};
  parts.padding.emplace().fixed = 6;
  const Tokenizer tokenizer(std::move(parts));
  const auto json =
      nlohmann::json::parse(encoded(tokenizer, "the weaver weaves the warp 1234", {.form = TokenForm::json}));
  EXPECT_EQ(json["ids"].size(), 6u);
  EXPECT_EQ(json["attention_mask"], nlohmann::json::parse("[1,1,1,1,0,0]"));
  EXPECT_EQ(json["overflowing"][0]["ids"].size(), 6u);
  EXPECT_TRUE(encoded(tokenizer, "the weaver weaves the warp", {}).ends_with(" 2 0 0"));
}

TEST(EncodingLines, WhatIsNoUtf8AndNulBytesAreText) {
  const Tokenizer tokenizer = trained_tokenizer();
  const EncodeOptions plain = {.add_special_tokens = false};
  EXPECT_EQ(decoded(tokenizer, encoded(tokenizer, std::string("a\0b\r", 4), plain)), std::string("a\0b\r", 4));
  EXPECT_EQ(decoded(tokenizer, encoded(tokenizer, "a\xFF", plain)), "a\xEF\xBF\xBD");
  const auto json = encoded(tokenizer, "\xC3(\xE2\x82", {.form = TokenForm::json});
  EXPECT_TRUE(nlohmann::json::accept(json)) << json;
}

TEST(EncodingLines, LongLinesAreGivenAsIdsAlone) {
  const Tokenizer tokenizer = trained_tokenizer();
  std::string line;
  while (line.size() <= kLongestInFull) line += "the weaver weaves the warp ";
  EXPECT_GT(encoded(tokenizer, line, {}).size(), line.size() / 4);
  EXPECT_NE(error_of([&] { encoded(tokenizer, line, {.form = TokenForm::offsets}); }), "");
}

TEST(EncodingLines, TokensAreReadAsWritten) {
  for (const std::string token : {"dog", "a b", "\\", "\\s", "\n\r\t ", "\\\\n", ""}) {
    const std::string text = escaped_token(token);
    EXPECT_EQ(text.find_first_of(" \n\r\t"), std::string::npos);
    EXPECT_EQ(unescaped_token(text), token);
  }
  EXPECT_EQ(unescaped_token("a\\"), "a\\");
  const Tokenizer tokenizer = trained_tokenizer();
  const std::string line = "the weaver \\ über";
  EXPECT_EQ(decoded(tokenizer, encoded(tokenizer, line, {.form = TokenForm::tokens}), {.from_tokens = true}), line);
}

TEST(EncodingLines, Decoding) {
  const Tokenizer tokenizer = trained_tokenizer();
  const std::string ids = encoded(tokenizer, "the warp", {});
  EXPECT_EQ(decoded(tokenizer, ids), "the warp");
  EXPECT_EQ(decoded(tokenizer, "  " + ids + " "), "the warp");
  EXPECT_EQ(decoded(tokenizer, ids, {.keep_special_tokens = true}), "the warp</s>");
  EXPECT_EQ(decoded(tokenizer, encoded(tokenizer, "a\nb", {}), {.as_json = true}), "\"a\\nb\"");
  EXPECT_EQ(decoded(tokenizer, ""), "");
  EXPECT_EQ(error_of([&] { decoded(tokenizer, "1 x"); }), "\"x\" is no token id; expected numbers with spaces between");
  EXPECT_NE(error_of([&] { decoded(tokenizer, "99999999999"); }), "");
  EXPECT_EQ(error_of([&] { decoded(tokenizer, "4000"); }), "token id 4000 lies outside the vocabulary of 310 tokens");
  EXPECT_NE(error_of([&] { decoded(tokenizer, "-1"); }), "");
}

}  // namespace
}  // namespace heddle::text
