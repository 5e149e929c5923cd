// JSON and TOML from outside are looked at before they become trees.

#include <gtest/gtest.h>

#include "heddle/base/json_text.h"
#include "heddle/base/toml_text.h"
#include "tests/base/sentence.h"

namespace heddle {
namespace {

TEST(JsonText, GoodJsonHasNoProblem) {
  for (const char* json : {"{}", "[]", "1", "\"x\"", "null", R"({"a": {"a": [{"a": 1}, {"a": 2}]}, "b": -1.5e300})"})
    EXPECT_EQ(json_problem(json), "");
}

TEST(JsonText, ProblemsAreNamed) {
  EXPECT_TRUE(contains(json_problem(""), "not valid JSON"));
  EXPECT_TRUE(contains(json_problem("{\"a\":1,}"), "not valid JSON at byte 8"));
  EXPECT_TRUE(contains(json_problem("[1] 2"), "not valid JSON"));
  EXPECT_TRUE(contains(json_problem("\"\xFF\""), "not valid JSON"));
  EXPECT_TRUE(contains(json_problem("[1e999]"), "too large"));
  EXPECT_EQ(json_problem(R"({"x": {"a": 1, "b": 2, "\u0061": 3}})"), "has the key \"a\" twice in one object");
}

TEST(JsonText, NestingIsBounded) {
  EXPECT_EQ(json_problem("[[1]]", 2), "");
  EXPECT_EQ(json_problem("[[[]]]", 2), "is nested more than 2 deep");
  EXPECT_TRUE(contains(json_problem(std::string(10'000'000, '[')), "nested more than 64 deep"));
}

TEST(TomlText, KeysOfManyPartsAreFound) {
  std::string parts = "a";
  for (int i = 1; i < kMostKeyParts; ++i) parts += i % 2 ? ".a" : " . \"b.c\"";
  EXPECT_EQ(line_of_endless_key(parts + " = 1"), 0);
  EXPECT_EQ(line_of_endless_key("\n\n" + parts + ".a = 1"), 3);
  EXPECT_EQ(line_of_endless_key("[" + parts + ".a]"), 1);
  EXPECT_EQ(line_of_endless_key("x = [\n{" + parts + ".'a' = 1}]"), 2);
  EXPECT_EQ(line_of_endless_key("x = \"\"\"\n\"\"\"\n" + parts + ".a = 1"), 3);
  EXPECT_EQ(line_of_endless_key("x = \"\\\"\"\n" + parts + ".a = 1"), 2);
  EXPECT_EQ(line_of_endless_key("x = \"\"\"a\"\"\"\"\n" + parts + ".a = 1"), 2);
}

TEST(TomlText, DotsElsewhereAreNoParts) {
  const std::string dots(100, '.');
  for (const std::string& toml :
       {"# " + dots, "x = \"" + dots + "\"", "x = '" + dots + "'", "x = \"\"\"\n" + dots + "\n\"" + dots + "\"\"\"",
        "x = '''" + dots + "'''", "x = \"\\\"" + dots + "\""})
    EXPECT_EQ(line_of_endless_key(toml), 0) << toml;
  std::string numbers = "x = [";
  for (int i = 0; i < 100; ++i) numbers += "0.5, ";
  EXPECT_EQ(line_of_endless_key(numbers + "]"), 0);
}

}  // namespace
}  // namespace heddle
