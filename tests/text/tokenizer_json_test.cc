// Files that are no tokenizer.json, by accident or on purpose: a sentence each.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "heddle/base/clock.h"
#include "heddle/base/memory.h"
#include "heddle/base/random.h"
#include "tests/base/sentence.h"
#include "tests/text/trained_tokenizer.h"

namespace heddle::text {
namespace {

using Json = nlohmann::json;

const Json& good() {
  static const Json json = Json::parse(trained_tokenizer().to_json());
  return json;
}

std::string refusal(const std::string& text) {
  const std::string sentence = sentence_of([&] { Tokenizer::from_json(text, "file.json"); });
  EXPECT_TRUE(sentence.starts_with("file.json: ")) << sentence;
  EXPECT_LT(sentence.size(), 2000u);
  return sentence;
}

std::string refusal_after(const std::function<void(Json&)>& change) {
  Json json = good();
  change(json);
  return refusal(json.dump());
}

TEST(TokenizerJson, EveryTruncationIsRefused) {
  const std::string text = trained_tokenizer().to_json();
  for (size_t length = 0; length + 2 < text.size(); length += 97)
    EXPECT_TRUE(contains(refusal(text.substr(0, length)), "not valid JSON"));
}

TEST(TokenizerJson, MissingKeysAreNamed) {
  EXPECT_TRUE(contains(refusal_after([&](Json& json) { json.erase("model"); }), "model"));
  for (const char* key : {"vocab", "merges"})
    EXPECT_TRUE(contains(refusal_after([&](Json& json) { json["model"].erase(key); }), key));
  for (const char* key : {"content", "id"})
    EXPECT_TRUE(contains(refusal_after([&](Json& json) { json["added_tokens"][0].erase(key); }), key));
  for (const char* part : {"pre_tokenizer", "post_processor", "decoder"})
    EXPECT_TRUE(contains(refusal_after([&](Json& json) { json[part].erase("type"); }), "/" + std::string(part)));
  EXPECT_TRUE(contains(refusal_after([](Json& json) { json["post_processor"].erase("single"); }), "single"));
}

// Each value of the file in turn becomes each wrong thing; whatever is said, it is one of our
// sentences or the file is still good.
TEST(TokenizerJson, WrongTypesAreSentences) {
  std::vector<Json::json_pointer> places;
  const Json flat = good().flatten();
  for (const auto& [path, value] : flat.items()) {
    Json::json_pointer place(path);
    if (path.starts_with("/model/vocab/") || path.starts_with("/model/merges/"))
      if (place.back() != "the" && place.back() != "0" && place.back() != "!") continue;
    for (; !place.empty(); place.pop_back())
      if (std::ranges::find(places, place) == places.end()) places.push_back(place);
  }
  EXPECT_GT(places.size(), 50u);
  int refused = 0;
  for (const auto& place : places)
    for (const Json& wrong :
         {Json(), Json(true), Json(-1), Json(1.5), Json(1e300), Json(UINT64_MAX), Json("x"), Json(""), Json::array(),
          Json::array({1}), Json::object(), Json{{"type", 1}}, Json{{"x", "y"}}}) {
      Json json = good();
      json[place] = wrong;
      try {
        Tokenizer::from_json(json.dump(), "file.json").encode("the weaver's <s> Größe");
      } catch (const InputError&) {
        ++refused;
      }
    }
  EXPECT_GT(refused, 400);
}

TEST(TokenizerJson, IdsMustBeOnePerToken) {
  EXPECT_TRUE(contains(refusal_after([](Json& json) { json["model"]["vocab"]["a"] = 70; }), "share the id 70"));
  EXPECT_TRUE(contains(refusal_after([](Json& json) { json["added_tokens"][1]["id"] = 310; }), "has the id 310"));
  EXPECT_TRUE(
      contains(refusal_after([](Json& json) { json["added_tokens"][1]["content"] = "<pad>"; }), "has the id 1"));
  EXPECT_TRUE(contains(refusal_after([](Json& json) { json["added_tokens"][1] = json["added_tokens"][0]; }), "twice"));
  EXPECT_TRUE(contains(refusal_after([](Json& json) { json["added_tokens"][0]["content"] = ""; }), "empty"));
  for (const Json& id : {Json(-1), Json(3'999'999), Json(INT64_MAX), Json(UINT64_MAX), Json(0.5), Json("0")})
    EXPECT_TRUE(contains(refusal_after([&](Json& json) { json["model"]["vocab"]["a"] = id; }), "whole number"));
}

TEST(TokenizerJson, AHugeIdAllocatesNothing) {
  const int64_t before = peak_rss_bytes();
  refusal(R"({"model":{"type":"BPE","vocab":{"a":3999999},"merges":[]},"pre_tokenizer":{"type":"ByteLevel"}})");
  EXPECT_LT(peak_rss_bytes() - before, 32 << 20);
}

TEST(TokenizerJson, MergesMustNameTokens) {
  const auto with_merge = [](const Json& merge) {
    return refusal_after([&](Json& json) { json["model"]["merges"].push_back(merge); });
  };
  EXPECT_TRUE(contains(with_merge("zz a"), "\"zz\""));
  EXPECT_TRUE(contains(with_merge("a zz"), "\"zz\""));
  EXPECT_TRUE(contains(with_merge("z z"), "no token of the vocabulary"));  // both are there, what they give is not
  EXPECT_TRUE(contains(with_merge("ab"), "one space"));
  EXPECT_TRUE(contains(with_merge("a b c"), "one space"));
  EXPECT_TRUE(contains(with_merge(Json::array({"a", "b c"})), "\"b c\""));
  EXPECT_TRUE(contains(with_merge(Json::array({"a"})), "a merge must be"));
  EXPECT_TRUE(contains(with_merge(1), "a string"));
}

TEST(TokenizerJson, KeysGivenTwiceAreRefused) {
  std::string text = good().dump();
  text.insert(text.find("\"vocab\":{") + 9, "\"a\":5,");
  EXPECT_TRUE(contains(refusal(text), "\"a\" twice"));
}

TEST(TokenizerJson, DeepNestingIsRefused) {
  for (const std::string& open : {std::string("["), std::string("{\"a\":"), std::string("{\"model\":{\"type\":[")}) {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += open;
    EXPECT_TRUE(contains(refusal(text), "nested more than"));
  }
  std::string closed(100'000, '[');
  closed.append(100'000, ']');
  EXPECT_TRUE(contains(refusal("{\"model\":{\"type\":" + closed + "}}"), "nested more than"));
}

// What would silently give other ids than the library's.
TEST(TokenizerJson, WhatIsNotKnownIsRefused) {
  const auto refused = [](const char* path, const Json& value) {
    return refusal_after([&](Json& json) { json[Json::json_pointer(path)] = value; });
  };
  EXPECT_TRUE(contains(refused("/version", "2.0"), "version"));
  EXPECT_TRUE(contains(refused("/normalizer", {{"type", "NFX"}}), "known are"));
  EXPECT_TRUE(contains(refused("/model/type", "Bigram"), "\"Bigram\" is not known"));
  EXPECT_TRUE(contains(refused("/model/dropout", 1.5), "from 0 to 1"));
  EXPECT_TRUE(contains(refused("/pre_tokenizer/type", "Spaces"), "/pre_tokenizer: "));
  EXPECT_TRUE(contains(refused("/added_tokens/0/content", std::string(2000, 'x')), "longer than"));
  EXPECT_TRUE(
      contains(refused("/truncation", {{"max_length", 1}, {"strategy", "LongestFirst"}, {"stride", 1}}), "room"));
  EXPECT_TRUE(contains(refused("/truncation", {{"max_length", 9}, {"strategy", "Middle"}, {"stride", 0}}), "Middle"));
  EXPECT_TRUE(contains(refused("/padding/strategy", "Longest"), "BatchLongest"));
  EXPECT_TRUE(contains(refused("/post_processor/special_tokens/<~1s>/ids", {4711}), "4711"));
}

TEST(TokenizerJson, PatternsThatCannotBeReadAreRefused) {
  const auto refused = [](const std::string& pattern) {
    return refusal_after([&](Json& json) {
      json["pre_tokenizer"] = {
          {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
    });
  };
  EXPECT_TRUE(contains(refused("("), "cannot be read"));
  EXPECT_TRUE(contains(refused(std::string(10 << 20, 'a')), "longer than any"));
  EXPECT_TRUE(contains(refused(std::string(60'000, '(')), "cannot be read"));
}

TEST(TokenizerJson, CharacterMapsAreChecked) {
  const auto refused = [](const std::string& map) {
    return refusal_after([&](Json& json) {
      json["normalizer"] = {{"type", "Precompiled"}, {"precompiled_charsmap", map}};
    });
  };
  EXPECT_TRUE(contains(refused("AA"), "fours"));
  EXPECT_TRUE(contains(refused("!AAA"), "no base 64"));
  EXPECT_TRUE(contains(refused("A=AA"), "at its end"));
  EXPECT_TRUE(contains(refused("AAA="), "no size"));
  EXPECT_TRUE(contains(refused("/////wAA"), "says that its array"));
}

TEST(TokenizerJson, TemplatesAreChecked) {
  const auto with_single = [](const Json& single) {
    return refusal_after([&](Json& json) { json["post_processor"]["single"] = single; });
  };
  const Json sequence = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  EXPECT_TRUE(contains(with_single({sequence, {{"SpecialToken", {{"id", "<nobody>"}, {"type_id", 0}}}}}), "<nobody>"));
  EXPECT_TRUE(contains(with_single({{{"Sequence", {{"id", "B"}, {"type_id", 0}}}}}), "second one"));
  EXPECT_TRUE(contains(with_single("text"), "must be a list"));
}

// As in the library: a byte without a token is left out.
TEST(TokenizerJson, BytesWithoutATokenAreLeftOut) {
  const Tokenizer tokenizer = Tokenizer::from_json(
      R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]},"pre_tokenizer":{"type":"ByteLevel"}})",
      "file.json");
  EXPECT_EQ(tokenizer.encode("axb"), std::vector<int32_t>{2});
  EXPECT_EQ(tokenizer.encode("xyz"), std::vector<int32_t>{});
}

// A look-up that searches would need 2·10^10 comparisons.
TEST(TokenizerJson, LargeVocabulariesAreReadInProportion) {
  std::string text = R"({"pre_tokenizer":{"type":"ByteLevel"},"model":{"merges":[],"vocab":{)";
  for (int i = 0; i < 200'000; ++i) text += fmt::format("{}\"t{}\":{}", i ? "," : "", i, i);
  const double start = steady_seconds();
  const Tokenizer tokenizer = Tokenizer::from_json(text + "}}}", "file.json");
  EXPECT_EQ(Tokenizer::from_json(tokenizer.to_json(), "again").vocab_size(), 200'000);
  EXPECT_LT(steady_seconds() - start, 10.0);
}

TEST(TokenizerJson, ThousandsOfAddedTokensCostLittle) {
  Json json = good();
  for (int i = 0; i < 20'000; ++i) {
    json["model"]["vocab"][fmt::format("<{:05}", i)] = 310 + i;
    json["added_tokens"].push_back({{"id", 310 + i}, {"content", fmt::format("<{:05}", i)}, {"special", false}});
  }
  const Tokenizer tokenizer = Tokenizer::from_json(json.dump(), "file.json");
  const double start = steady_seconds();
  const auto ids = tokenizer.encode(std::string(500'000, '<') + "<00017");
  EXPECT_EQ(ids[ids.size() - 2], 327);
  tokenizer.decode(ids);
  EXPECT_LT(steady_seconds() - start, 5.0);
}

TEST(TokenizerJson, ChangedBytesNeverCrash) {
  const std::string text = trained_tokenizer().to_json();
  RandomStream random(RandomKey{.seed = 4});
  for (int i = 0; i < 300; ++i) {
    std::string changed = text;
    for (uint64_t k = 0; k <= random.below(3); ++k)
      changed[random.below(text.size())] = static_cast<char>(random.below(256));
    try {
      Tokenizer::from_json(changed, "file.json").encode("the weaver's <s> Größe");
    } catch (const InputError&) {
    }
  }
}

}  // namespace
}  // namespace heddle::text
