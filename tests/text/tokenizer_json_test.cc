// Files that are no byte-level BPE tokenizer.json, by accident or on purpose: a sentence each.

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
  for (const char* key : {"model", "pre_tokenizer"})
    EXPECT_TRUE(contains(refusal_after([&](Json& json) { json.erase(key); }), "ByteLevel") ||
                contains(refusal_after([&](Json& json) { json.erase(key); }), key));
  for (const char* key : {"vocab", "merges"})
    EXPECT_TRUE(contains(refusal_after([&](Json& json) { json["model"].erase(key); }), key));
  for (const char* key : {"content", "id"})
    EXPECT_TRUE(contains(refusal_after([&](Json& json) { json["added_tokens"][0].erase(key); }), key));
  EXPECT_TRUE(contains(refusal_after([](Json& json) { json["post_processor"].erase("single"); }), "single"));
  EXPECT_TRUE(contains(refusal_after([](Json& json) { json["post_processor"].erase("type"); }), "type"));
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

TEST(TokenizerJson, IdsMustBeOnePerTokenWithoutHoles) {
  EXPECT_TRUE(contains(refusal_after([](Json& json) { json["model"]["vocab"]["a"] = 70; }), "share the id 70"));
  EXPECT_TRUE(
      contains(refusal_after([](Json& json) { json["model"]["vocab"]["<new>"] = 311; }), "no token has the id 310"));
  EXPECT_TRUE(contains(refusal_after([](Json& json) { json["added_tokens"][1]["id"] = 310; }), "has the ids"));
  EXPECT_TRUE(
      contains(refusal_after([](Json& json) { json["added_tokens"][1]["content"] = "<pad>"; }), "share the id 1"));
  EXPECT_TRUE(contains(refusal_after([](Json& json) { json["model"]["vocab"][""] = 310; }), "empty"));
  for (const Json& id : {Json(-1), Json(3'999'999), Json(INT64_MAX), Json(UINT64_MAX), Json(0.5), Json("0")})
    EXPECT_TRUE(contains(refusal_after([&](Json& json) { json["model"]["vocab"]["a"] = id; }), "token id"));
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
  EXPECT_TRUE(contains(with_merge("z z"), "\"zz\""));  // both are there, what they give is not
  EXPECT_TRUE(contains(with_merge("ab"), "one space"));
  EXPECT_TRUE(contains(with_merge("a b c"), "one space"));
  EXPECT_TRUE(contains(with_merge(Json::array({"a", "b c"})), "one space"));
  EXPECT_TRUE(contains(with_merge(Json::array({"a"})), "a merge must be"));
  EXPECT_TRUE(contains(with_merge(1), "a merge must be"));
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
TEST(TokenizerJson, WhatIsNotSupportedIsRefused) {
  const auto refused = [](const char* path, const Json& value) {
    return refusal_after([&](Json& json) { json[Json::json_pointer(path)] = value; });
  };
  EXPECT_TRUE(contains(refused("/normalizer", {{"type", "NFC"}}), "normalizer"));
  EXPECT_TRUE(contains(refused("/model/type", "Unigram"), "Unigram"));
  EXPECT_TRUE(contains(refused("/model/dropout", 0.1), "dropout"));
  EXPECT_TRUE(contains(refused("/model/ignore_merges", true), "ignore_merges"));
  EXPECT_TRUE(contains(refused("/model/byte_fallback", true), "byte_fallback"));
  EXPECT_TRUE(contains(refused("/model/continuing_subword_prefix", "##"), "continuing_subword_prefix"));
  EXPECT_TRUE(contains(refused("/model/end_of_word_suffix", "</w>"), "end_of_word_suffix"));
  EXPECT_TRUE(contains(refused("/pre_tokenizer/type", "Whitespace"), "ByteLevel"));
  EXPECT_TRUE(contains(refused("/pre_tokenizer/use_regex", false), "use_regex"));
  EXPECT_TRUE(contains(refused("/decoder/type", "WordPiece"), "WordPiece"));
  EXPECT_TRUE(contains(refused("/post_processor/type", "RobertaProcessing"), "RobertaProcessing"));
  EXPECT_TRUE(contains(refused("/added_tokens/0/lstrip", true), "lstrip"));
  EXPECT_TRUE(contains(refused("/added_tokens/0/content", std::string(2000, 'x')), "longer than"));
}

TEST(TokenizerJson, ThePostProcessorMustKeepTheText) {
  const auto with_single = [](const Json& single) {
    return refusal_after([&](Json& json) { json["post_processor"]["single"] = single; });
  };
  const Json sequence = {{"Sequence", {{"id", "A"}}}};
  EXPECT_TRUE(contains(with_single(Json::array()), "leaves the sequence out"));
  EXPECT_TRUE(contains(with_single({sequence, sequence}), "repeats"));
  EXPECT_TRUE(contains(with_single({sequence, {{"SpecialToken", {{"id", "<nobody>"}}}}}), "<nobody>"));
  EXPECT_TRUE(contains(with_single("text"), "must be a list"));
}

TEST(TokenizerJson, AnUnknownTokenNeedsNoSupportWhenAllBytesAreThere) {
  Json json = good();
  json["model"]["unk_token"] = "<unk>";
  EXPECT_NO_THROW(Tokenizer::from_json(json.dump(), "file.json"));
  json = Json::parse(
      R"({"model":{"type":"BPE","unk_token":"a","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"ByteLevel"}})");
  EXPECT_TRUE(contains(refusal(json.dump()), "unk_token"));
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
