// One declaration: reading, refusing, overriding, writing back, schema and docs.

#include "heddle/base/config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/base/sentence.h"

namespace heddle {
namespace {

using Json = nlohmann::json;

struct Loom {
  int64_t shafts = 4;
  double tension = 0.5;
  bool treadle = true;
  std::string kind = "counterbalance";
  std::string label;
  std::optional<int64_t> width;
  struct Part {
    std::string name = "heddle";
    std::optional<double> weight;
    bool operator==(const Part&) const = default;
  };
  struct Warp {
    int64_t ends = 100;
    Part beam;
    bool operator==(const Warp&) const = default;
  } warp;
  std::vector<Part> parts;
  bool operator==(const Loom&) const = default;
};

void describe(Loom::Part& part, ConfigVisitor& v) {
  v.field("name", part.name, "What it is.", Allowed::any());
  v.field("weight", part.weight, "Kilograms.", Allowed::at_least(0));
}

Describe describe(Loom& loom) {
  return [&loom](ConfigVisitor& v) {
    v.field("shafts", loom.shafts, "How many shafts.", Allowed::between(2, 32));
    v.field("tension", loom.tension, "How tight.", Allowed::between(0, 1));
    v.field("treadle", loom.treadle, "Whether it has treadles.", Allowed::any());
    v.field("kind", loom.kind, "Kind of loom.", Allowed::one_of({"counterbalance", "jack", "table"}));
    v.field("label", loom.label, "Any text.", Allowed::any());
    v.field("width", loom.width, "Centimetres.", Allowed::at_least(1));
    v.section("warp", "The warp.", [&] {
      v.field("ends", loom.warp.ends, "Threads.", Allowed::at_least(1));
      v.section("beam", "Its beam.", [&] { describe(loom.warp.beam, v); });
    });
    v.items("part", "Parts.", loom.parts, [&](Loom::Part& part) { describe(part, v); });
  };
}

Loom read(std::string_view toml, const std::vector<std::string>& overrides = {}) {
  Loom loom;
  read_config(toml, "loom.toml", overrides, describe(loom));
  return loom;
}
Loom read_json(std::string_view json) {
  Loom loom;
  read_json_config(json, "loom.json", describe(loom));
  return loom;
}
std::string refusal(std::string_view toml, const std::vector<std::string>& overrides = {}) {
  return sentence_of([&] { read(toml, overrides); });
}
std::string json_refusal(std::string_view json) {
  return sentence_of([&] { read_json(json); });
}

constexpr const char* kFull = R"(
shafts = 8
tension = 1
treadle = false
kind = "jack"
label = "a \"b\" \\ \u0001 \u007f ü 🧵\nnext\ttab"
width = 90
[warp]
ends = 240
[warp.beam]
name = "beam"
weight = 2.5
[[part]]
name = "reed"
[[part]]
weight = 1e-3
)";

TEST(Config, DefaultsStayWhereNothingIsSaid) {
  EXPECT_EQ(read(""), Loom());
  EXPECT_EQ(read_json("{}"), Loom());
}

TEST(Config, EverythingIsRead) {
  const Loom loom = read(kFull);
  EXPECT_EQ(loom.shafts, 8);
  EXPECT_EQ(loom.tension, 1.0);
  EXPECT_FALSE(loom.treadle);
  EXPECT_EQ(loom.kind, "jack");
  EXPECT_EQ(loom.label, "a \"b\" \\ \x01 \x7f ü 🧵\nnext\ttab");
  EXPECT_EQ(loom.width, 90);
  EXPECT_EQ(loom.warp.ends, 240);
  EXPECT_EQ(loom.warp.beam.weight, 2.5);
  ASSERT_EQ(loom.parts.size(), 2u);
  EXPECT_EQ(loom.parts[0].name, "reed");
  EXPECT_EQ(loom.parts[1], (Loom::Part{"heddle", 1e-3}));
}

TEST(Config, WhatIsWrittenReadsBackEqual) {
  for (const char* toml :
       {"", kFull, "tension = 0.1\nwidth = 9007199254740993\n[[part]]", "tension = 5e-324\nlabel = \"\""}) {
    Loom loom = read(toml);
    const std::string as_toml = config_as_toml(describe(loom)), as_json = config_as_json(describe(loom));
    EXPECT_EQ(read(as_toml), loom) << as_toml;
    EXPECT_EQ(read_json(as_json), loom) << as_json;
    Loom again = read_json(as_json);
    EXPECT_EQ(config_as_toml(describe(again)), as_toml);
  }
}

TEST(Config, UnknownKeysNameTheLineAndTheNearestKey) {
  EXPECT_EQ(refusal("shafts = 4\n\nshaft = 8"), "loom.toml:3: the key shaft is unknown; did you mean shafts?");
  EXPECT_EQ(refusal("[warp]\nend = 3"), "loom.toml:2: the key warp.end is unknown; did you mean warp.ends?");
  EXPECT_EQ(refusal("[warp.beam]\nnmae = \"x\""),
            "loom.toml:2: the key warp.beam.nmae is unknown; did you mean warp.beam.name?");
  EXPECT_TRUE(contains(refusal("[[part]]\n[[part]]\nwieght = 1"),
                       "loom.toml:3: the key part[1].wieght is unknown; did you mean part[1].weight?"));
  EXPECT_EQ(refusal("[wrap]\nends = 3"), "loom.toml:1: the key wrap is unknown; did you mean warp?");
  EXPECT_TRUE(contains(refusal("[warp]\nquetzalcoatl = 3"), "valid keys are beam, ends"));
  EXPECT_EQ(json_refusal(R"({"warp": {"beam": {"nmae": 1}}})"),
            "loom.json: the key warp.beam.nmae is unknown; did you mean warp.beam.name?");
}

TEST(Config, WrongTypesSayWhatIsExpected) {
  EXPECT_EQ(refusal("shafts = \"4\""), "loom.toml:1: shafts is a text, expected a whole number");
  EXPECT_EQ(refusal("shafts = 4.0"), "loom.toml:1: shafts is a number, expected a whole number");
  EXPECT_EQ(refusal("\ntension = true"), "loom.toml:2: tension is true or false, expected a number");
  EXPECT_EQ(refusal("treadle = 1"), "loom.toml:1: treadle is a whole number, expected true or false");
  EXPECT_EQ(refusal("label = [1]"), "loom.toml:1: label is a list, expected a text in quotes");
  EXPECT_EQ(refusal("label = 2024-11-24"), "loom.toml:1: label is a date, expected a text in quotes");
  EXPECT_EQ(refusal("warp = 3"), "loom.toml:1: warp is a whole number, expected a section");
  EXPECT_TRUE(contains(refusal("part = 3"), "expected a list of sections"));
  EXPECT_EQ(refusal("part = [3]"), "loom.toml:1: part[0] is a whole number, expected a section");
  EXPECT_EQ(refusal("[shafts]"), "loom.toml:1: shafts is a section, expected a whole number");
}

TEST(Config, RangesAndChoices) {
  EXPECT_EQ(refusal("shafts = 1"), "loom.toml:1: shafts = 1 is out of range; it must lie between 2 and 32");
  EXPECT_TRUE(contains(refusal("shafts = 33"), "between 2 and 32"));
  EXPECT_EQ(refusal("width = 0"), "loom.toml:1: width = 0 is too small; it must be at least 1");
  EXPECT_TRUE(contains(refusal("tension = 1.0000001"), "between 0 and 1"));
  EXPECT_TRUE(contains(refusal("tension = nan"), "not finite"));
  EXPECT_TRUE(contains(refusal("[warp.beam]\nweight = inf"), "not finite"));
  EXPECT_EQ(refusal("kind = \"rigid\""),
            "loom.toml:1: kind = \"rigid\" is not known; choose one of counterbalance, jack, table");
  EXPECT_EQ(read("shafts = 2").shafts, 2);
  EXPECT_EQ(read("shafts = 32").shafts, 32);
}

TEST(Config, SyntaxErrorsNameTheLine) {
  EXPECT_TRUE(refusal("shafts = 4\nkind = jack").starts_with("loom.toml:2: "));
  EXPECT_TRUE(refusal("shafts = 4\nshafts = 5").starts_with("loom.toml:2: "));
  EXPECT_TRUE(refusal("label = \"\xFF\"").starts_with("loom.toml:1: "));
  EXPECT_TRUE(refusal("[warp").starts_with("loom.toml:1: "));
  for (const char* toml : {"[)", "[)warp]", "[[)warp]]", "[=]", "[.a]", "[#a]", "[", "[[", "[\"", "[]", "[a.)b]", "a.",
                           "a = ", "a = {", "= 1", "\xEF\xBB"})
    EXPECT_TRUE(refusal(toml).starts_with("loom.toml:1: ")) << toml;
}

// White space is asked for in many places; each of these letters stood for undefined behaviour in
// toml++ 3.3.
TEST(Config, LettersOutsideQuotesAreSentences) {
  for (const char* letter : {"ü", "é", "\u00a1", "\u0499", "Ω", "я", "織", "🧵"}) {
    for (const char* before : {"", "shafts ", "shafts = ", "shafts = 4 ", "[", "[warp", "[warp] ", "label = \"\"\"\\ "})
      EXPECT_TRUE(refusal(std::string(before) + letter).starts_with("loom.toml:")) << before << letter;
    EXPECT_EQ(read("# " + std::string(letter) + "\nlabel = \"" + letter + "\"").label, letter);
  }
}

TEST(Config, OverridesWinOverTheFile) {
  EXPECT_EQ(read("shafts = 4", {"shafts=8"}).shafts, 8);
  EXPECT_EQ(read("", {"shafts=8", "shafts=16"}).shafts, 16);
  EXPECT_EQ(read("", {"warp.beam.weight=3"}).warp.beam.weight, 3.0);
  EXPECT_EQ(read("", {"kind=jack"}).kind, "jack");
  EXPECT_EQ(read("", {"kind=\"jack\""}).kind, "jack");
  EXPECT_EQ(read("", {"label=../data/x y=z#1"}).label, "../data/x y=z#1");
  EXPECT_EQ(read("", {"label="}).label, "");
  EXPECT_EQ(read("", {"treadle=false"}).treadle, false);
}

TEST(Config, BadOverridesNameThemselves) {
  EXPECT_TRUE(contains(refusal("", {"shafts"}), "--set shafts: expected key=value"));
  EXPECT_TRUE(contains(refusal("", {"=3"}), "expected key=value"));
  EXPECT_EQ(refusal("shafts = 3", {"shafts=many"}), "--set shafts: shafts is a text, expected a whole number");
  EXPECT_TRUE(contains(refusal("", {"shafts=99"}), "--set shafts: shafts = 99 is out of range"));
  EXPECT_EQ(refusal("", {"wrap.ends=3"}), "--set wrap.ends: the key wrap is unknown; did you mean warp?");
  EXPECT_EQ(refusal("", {"warp.end=3"}), "--set warp.end: the key warp.end is unknown; did you mean warp.ends?");
  EXPECT_TRUE(contains(refusal("shafts = 4", {"shafts.x=3"}), "shafts is no section"));
  EXPECT_TRUE(contains(refusal("", {"shafts=3\nlabel=\"x\""}), "expected one value"));
  EXPECT_TRUE(contains(refusal("", {"label=\xFF"}), "not UTF-8"));
  EXPECT_TRUE(contains(refusal("", {"..="}), "unknown"));
}

TEST(Config, DamagedJsonIsASentence) {
  EXPECT_TRUE(contains(json_refusal("{\"shafts\": 4"), "not valid JSON"));
  EXPECT_TRUE(contains(json_refusal("[1]"), "no JSON object"));
  EXPECT_TRUE(contains(json_refusal("{\"shafts\": null}"), "shafts is null"));
  EXPECT_TRUE(contains(json_refusal("{\"part\": [{}, {\"weight\": null}]}"), "part[1].weight is null"));
  EXPECT_TRUE(contains(json_refusal("{\"shafts\": 4, \"shafts\": 5}"), "twice"));
  EXPECT_TRUE(contains(json_refusal("{\"width\": 18446744073709551615}"), "expected a whole number"));
  EXPECT_TRUE(contains(json_refusal("{\"tension\": 1e999}"), "too large"));
}

TEST(Config, NothingNestsWithoutEnd) {
  std::string dots = "a", brackets, tables;
  for (int i = 0; i < 300'000; ++i) {
    dots += ".a";
    brackets += "[";
    tables += "{\"part\":";
  }
  EXPECT_TRUE(contains(refusal("shafts = 4\n" + dots + " = 1"), "loom.toml:2: a key has more than"));
  EXPECT_TRUE(contains(refusal("[" + dots + "]"), "loom.toml:1: a key has more than"));
  EXPECT_TRUE(contains(refusal("", {dots + "=1"}), "--set a.a.a"));
  EXPECT_TRUE(contains(refusal("", {"label={" + dots + "=1}"}), "a key has more than"));
  EXPECT_FALSE(refusal("label = " + brackets).empty());
  EXPECT_TRUE(contains(json_refusal("{\"part\":" + brackets), "nested more than"));
  EXPECT_TRUE(contains(json_refusal(tables), "nested more than"));
}

TEST(Config, TheSchemaIsAJsonSchemaOfEveryKey) {
  Loom loom;
  const Json schema = Json::parse(config_schema(describe(loom)));
  EXPECT_TRUE(contains(schema["$schema"], "json-schema.org"));
  EXPECT_EQ(schema["additionalProperties"], false);
  const Json& properties = schema["properties"];
  EXPECT_EQ(properties["shafts"], (Json{{"type", "integer"},
                                        {"description", "How many shafts."},
                                        {"default", 4},
                                        {"minimum", 2.0},
                                        {"maximum", 32.0}}));
  EXPECT_EQ(properties["kind"]["enum"], (Json{"counterbalance", "jack", "table"}));
  EXPECT_FALSE(properties["width"].contains("default"));
  EXPECT_EQ(properties["warp"]["properties"]["beam"]["properties"]["weight"]["minimum"], 0.0);
  EXPECT_EQ(properties["part"]["items"]["properties"]["name"]["type"], "string");
  EXPECT_EQ(properties["part"]["items"]["additionalProperties"], false);
  const Json written = Json::parse(config_as_json(describe(loom)));
  for (const auto& [key, value] : written.items()) EXPECT_TRUE(properties.contains(key)) << key;
  EXPECT_EQ(loom, Loom()) << "describing must not change the values";
}

TEST(Config, TheDocsHaveARowForEveryKey) {
  Loom loom;
  const std::string docs = config_docs(describe(loom));
  EXPECT_TRUE(contains(docs, "| `shafts` | integer | `4` | How many shafts. 2 to 32. |"));
  EXPECT_TRUE(contains(docs, "| `width` | integer | – | Centimetres. At least 1. |"));
  EXPECT_TRUE(contains(docs, "| `warp.beam.name` | string | `\"heddle\"` | What it is. |"));
  EXPECT_TRUE(contains(docs, "| `part[].weight` | number | – |"));
  EXPECT_TRUE(contains(docs, "One of counterbalance, jack, table."));
}

}  // namespace
}  // namespace heddle
